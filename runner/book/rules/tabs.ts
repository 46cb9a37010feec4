/** Rule `tab`: pasted into an interactive shell, a tab asks for completions and is gone from the text. */
import type { Finding } from '../finding.ts';
import type { StepText } from './rule.ts';

/** At the first one of each line. */
export function tabs({ text, atLine }: StepText): Finding[] {
  return text.split('\n').flatMap((line, index) => {
    const column = line.indexOf('\t');
    if (column < 0 || line.slice(column).trim() === '') return [];
    return [
      {
        place: atLine(index, column),
        rule: 'tab',
        what: 'a tab',
        why: 'pasted into a shell it asks for completions and is lost',
        mend: 'indent with blanks; where a tab is meant, write it with printf',
      },
    ];
  });
}
