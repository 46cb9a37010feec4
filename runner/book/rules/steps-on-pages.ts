/** Rule `outline`: steps stand in chapters only; a start page has no place in the order. */
import type { CompiledChapter } from '../chapter.ts';
import type { Finding } from '../finding.ts';

export function stepsOnPages(pages: readonly CompiledChapter[]): Finding[] {
  return pages.flatMap(page =>
    page.steps.map(step => ({
      place: step.place,
      rule: 'outline',
      what: `step \`${step.id}\` on a page that is no chapter`,
      why: 'it has no place in the order of the book',
      mend: 'move it to a chapter of the outline',
    })),
  );
}
