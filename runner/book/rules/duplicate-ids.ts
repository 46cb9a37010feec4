/** Rule `step-duplicate`: an id names one step in the whole book, and no part of it. */
import { formatPlace, type Place } from '../../errors.ts';
import type { CompiledChapter } from '../chapter.ts';
import type { Finding } from '../finding.ts';

export function duplicateIds(chapters: readonly CompiledChapter[]): Finding[] {
  const seen = new Map<string, Place>();
  const parts = new Set(chapters.map(({ chapter }) => chapter.part));
  const findings: Finding[] = [];
  for (const step of chapters.flatMap(chapter => chapter.steps)) {
    const before = seen.get(step.id);
    const other = before
      ? `is used at ${formatPlace(before)} already`
      : parts.has(step.id)
        ? 'is the name of a part'
        : '';
    if (other && step.id)
      findings.push({
        place: step.place,
        rule: 'step-duplicate',
        what: `\`${step.id}\` ${other}`,
        why: 'the journal and the command line could not tell them apart',
        mend: 'give this step another id, and its check too',
      });
    if (!before) seen.set(step.id, step.place);
  }
  return findings;
}
