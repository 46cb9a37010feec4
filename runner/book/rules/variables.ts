/**
 * Rules `variable` and `variable-remote`: a step uses only what the plan gives it where it runs. An undefined variable
 * would stop the step (`set -u`), and only in the middle of it.
 */
import type { Finding } from '../finding.ts';
import { programOf } from '../shell/program.ts';
import { commandsOf } from '../shell/tree.ts';
import type { StepText } from './rule.ts';

/** A variable that the plan defines. Without a scope it is there everywhere. */
export interface KnownVariable {
  name: string;
  scope?: 'cluster' | 'machine' | 'workstation';
}

export const variables =
  (known: readonly KnownVariable[]) =>
  (text: StepText): Finding[] => [...unknownVariables(text, known), ...remoteVariables(text)];

function unknownVariables({ text, step, at }: StepText, known: readonly KnownVariable[]): Finding[] {
  const seen = new Set<string>();
  return [...text.matchAll(/(?:\$\{?|\b)(KFS_[A-Z][A-Z0-9_]*)\b/g)].flatMap(match => {
    const name = match[1] as string;
    const variable = known.find(one => one.name === name);
    const problem = variable ? outOfScope(variable, step.on, step.for) : undefinedVariable(name, known);
    if (!problem || seen.has(name)) return [];
    seen.add(name);
    return [{ place: at(match.index), rule: 'variable', ...problem }];
  });
}

function undefinedVariable(name: string, known: readonly KnownVariable[]) {
  const near = known.find(one => one.name.startsWith(name) || name.startsWith(one.name));
  return {
    what: `\`$${name}\` is not defined by the plan`,
    why: 'the step would stop at it',
    mend: near
      ? `use \`$${near.name}\`, or another of \`kfs plan variables\``
      : 'use one of `kfs plan variables`',
  };
}

function outOfScope({ name, scope }: KnownVariable, on: string, forRole: string | undefined) {
  if (scope === 'workstation' && on !== 'workstation')
    return {
      what: `\`$${name}\` on a machine`,
      why: 'it exists on the workstation only',
      mend: 'run the step on="workstation", or use another variable',
    };
  if (scope === 'machine' && on === 'workstation' && forRole === undefined)
    return {
      what: `\`$${name}\` on the workstation, for no machine`,
      why: 'there is no one machine that it could mean',
      mend: 'add for="…", or use a variable of the cluster',
    };
  return null;
}

/** `ssh machine 'echo $KFS_X'`: expands there, where nobody has set it. */
function remoteVariables({ script, at }: StepText): Finding[] {
  return [...commandsOf(script)]
    .filter(command => programOf(command)?.name === 'ssh')
    .flatMap(command => {
      const word = command.words.find(one => one.literals.some(literal => /\$\{?KFS_/.test(literal)));
      if (!word) return [];
      return [
        {
          place: at(word.at),
          rule: 'variable-remote',
          what: 'a variable of the plan in single quotes, for ssh',
          why: 'it would expand on the machine, where nothing sets it',
          mend: 'write that part in double quotes',
        },
      ];
    });
}
