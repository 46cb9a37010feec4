/** Rule `frontmatter`: a title and a description; the title is the one that the outline has. */
import type { CompiledChapter } from '../chapter.ts';
import type { Finding } from '../finding.ts';

export function frontmatter({ parsed, chapter }: CompiledChapter): Finding[] {
  const place = { file: parsed.file, line: 1, column: 1 };
  const { title, description } = parsed.front;
  const missing = (name: string, why: string): Finding => ({
    place,
    rule: 'frontmatter',
    what: `no ${name}`,
    why,
    mend: `write \`${name}: …\` between the --- lines at the top`,
  });
  if (typeof title !== 'string' || title === '') return [missing('title', 'the page would have none')];
  const findings: Finding[] = [];
  if (typeof description !== 'string' || description === '')
    findings.push(missing('description', 'search results and the outline show it'));
  if (chapter.title !== title)
    findings.push({
      place: { file: parsed.file, line: lineOfKey(parsed.lines, 'title'), column: 1 },
      rule: 'frontmatter',
      what: `the title is "${title}", in the outline "${chapter.title}"`,
      why: 'the reader would not know that they are one chapter',
      mend: 'make them the same',
    });
  return findings;
}

const lineOfKey = (lines: readonly string[], key: string): number =>
  Math.max(
    lines.findIndex(line => line.startsWith(`${key}:`)),
    0,
  ) + 1;
