/** Rule `exit-or-set`: a step can be pasted; what ends or changes the reader's shell has no place in it. */
import type { Finding } from '../finding.ts';
import { programOf } from '../shell/program.ts';
import type { Command, Script } from '../shell/tree.ts';
import type { StepText } from './rule.ts';

const FORBIDDEN: Record<string, string> = {
  exit: 'it would close the shell of a reader who pastes',
  logout: 'it would close the shell of a reader who pastes',
  return: 'outside a function it is an error',
  set: "it would change the shell of a reader who pastes; the runner's own is `-euo pipefail` already",
  shopt: 'it would change the shell of a reader who pastes',
};

/** Subshells `( )`, `$( )` and scripts in quotes are processes of their own: there it does no harm. */
export function exitOrSet({ script, at }: StepText): Finding[] {
  return [...inThisShell(script, false)].flatMap(({ command, inFunction }) => {
    const name = Object.keys(FORBIDDEN).find(one => one === programOf(command)?.name);
    if (!name || (name === 'return' && inFunction)) return [];
    return [
      {
        place: at(command.at),
        rule: 'exit-or-set',
        what: `\`${name}\` in a step`,
        why: FORBIDDEN[name] as string,
        mend:
          name === 'set' || name === 'shopt'
            ? 'drop it'
            : 'let a command fail instead, or use a subshell ( … )',
      },
    ];
  });
}

function* inThisShell(
  script: Script,
  inFunction: boolean,
): Generator<{ command: Command; inFunction: boolean }> {
  for (const pipeline of script.pipelines)
    for (const command of pipeline.commands) {
      yield { command, inFunction };
      const isFunction = command.body !== undefined && command.words.length === 1;
      if (command.body && !command.subshell) yield* inThisShell(command.body, inFunction || isFunction);
    }
}
