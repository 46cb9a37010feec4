/** Rule `heading`: the title is the page's one first-level heading, and no level is skipped below it. */
import type { CompiledChapter } from '../chapter.ts';
import type { Finding } from '../finding.ts';

export function headings({ parsed }: CompiledChapter): Finding[] {
  let above = 1;
  return parsed.headings.flatMap(({ depth, text, place }) => {
    const skipped = depth > above + 1;
    const finding: Finding = {
      place,
      rule: 'heading',
      what:
        depth === 1
          ? `a first-level heading in the text: ${text}`
          : `level ${depth} below level ${above}: ${text}`,
      why: depth === 1 ? 'the title is one already' : 'an outline with a gap cannot be walked by ear',
      mend: depth === 1 ? 'write it with ##' : `write it with ${'#'.repeat(above + 1)}`,
    };
    above = Math.max(depth, 2);
    return depth === 1 || skipped ? [finding] : [];
  });
}
