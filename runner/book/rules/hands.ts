/** Rule `hands`: what a person does is said in comments; it is no command, and pasting it must do nothing. */
import type { Finding } from '../finding.ts';
import type { StepText } from './rule.ts';

export function hands({ step, isCheck, text, atLine }: StepText): Finding[] {
  if (isCheck || step.handsMs === undefined) return [];
  const line = text.split('\n').findIndex(one => one.trim() !== '' && !one.trimStart().startsWith('#'));
  if (line < 0) return [];
  return [
    {
      place: atLine(line),
      rule: 'hands',
      what: `a command in \`${step.id}\`, which a person does by hand`,
      why: 'the runner waits for the person and runs nothing',
      mend: 'begin the line with #, or move the command to a step of its own',
    },
  ];
}
