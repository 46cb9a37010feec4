/** Rule `trailing-blanks`: the page trims them, so that what is copied would not be what runs. */
import type { Finding } from '../finding.ts';
import type { StepText } from './rule.ts';

export function trailingBlanks({ text, atLine }: StepText): Finding[] {
  if (text.trim() === '') return [];
  const lines = text.replace(/\n$/, '').split('\n');
  return lines.flatMap((line, index) => {
    const blanks = /[^\S\r]+\r?$/.exec(line);
    const edge = line.trim() === '' && (index === 0 || index === lines.length - 1);
    if (!blanks && !edge) return [];
    return [
      {
        place: atLine(index, blanks?.index ?? 0),
        rule: 'trailing-blanks',
        what: blanks ? 'blanks at the end of a line' : 'an empty line at the edge of a step',
        why: 'the page cuts them off, and what is copied would not be what runs',
        mend: 'take them away',
      },
    ];
  });
}
