/** What must hold across the chapters for the book to compile: ids once, needs that exist and lead somewhere. */
import type { CompiledChapter } from '../chapter.ts';
import type { Finding } from '../finding.ts';
import { duplicateIds } from './duplicate-ids.ts';
import { needsCycles, unknownNeeds } from './needs.ts';
import { stepsOnPages } from './steps-on-pages.ts';

export function crossFindings(
  chapters: readonly CompiledChapter[],
  pages: readonly CompiledChapter[],
): Finding[] {
  const steps = chapters.flatMap(chapter => chapter.steps);
  return [...duplicateIds(chapters), ...unknownNeeds(steps), ...needsCycles(steps), ...stepsOnPages(pages)];
}
