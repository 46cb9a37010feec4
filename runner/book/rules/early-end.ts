/**
 * Rule `early-end`: no command of a pipeline stops reading before the one in front of it stops writing. That one would
 * be ended by SIGPIPE or not, as fast as either happens to be; steps run with `pipefail`, and would fail now and then.
 */
import type { Finding } from '../finding.ts';
import { type Program, programOf } from '../shell/program.ts';
import { pipelinesOf } from '../shell/tree.ts';
import type { StepText } from './rule.ts';

const STOPS: Record<string, { how: (program: Program) => boolean; mend: string }> = {
  head: { how: () => true, mend: "write `sed --quiet '1,6p'`, which reads to the end" },
  grep: {
    how: program => has(program, /^--(quiet|silent|max-count)|^-[a-zA-Z]*[qm]/),
    mend: 'write `grep … > /dev/null`, or take the first line with `sed --quiet 1p`',
  },
  sed: {
    how: ({ args }) => args.some(({ value }) => /(^|[;{}\d$/ ])q(;|}|$)/.test(value)),
    mend: 'print with `--quiet` and `p`, and read to the end',
  },
};

export function earlyEnd({ script, at }: StepText): Finding[] {
  return [...pipelinesOf(script)].flatMap(({ commands }) =>
    commands.slice(1).flatMap(command => {
      const program = programOf(command);
      const stops = STOPS[program?.name ?? ''];
      if (!program || !stops?.how(program)) return [];
      return [
        {
          place: at(command.at),
          rule: 'early-end',
          what: `\`${program.name}\` stops reading before the command in front of it has written all`,
          why: 'that one is then ended by SIGPIPE, or not, by chance; and the step fails by chance',
          mend: stops.mend,
        },
      ];
    }),
  );
}

const has = ({ args }: Program, option: RegExp): boolean => args.some(({ value }) => option.test(value));
