/** The outline as pages show it: parts and chapters in reading order, numbered, with what is written already. */
import type { Book } from '../../runner/book/compile.ts';

export interface ShownChapter {
  /** `before/rules`, the page's path. */
  slug: string;
  title: string;
  /** `2.3`, or nothing in an unnumbered part. */
  number: string;
  written: boolean;
  /** How many steps it has. */
  steps: number;
}

export interface ShownPart {
  slug: string;
  title: string;
  chapters: ShownChapter[];
}

export interface ShownOutline {
  title: string;
  parts: ShownPart[];
}

export function shownOutline({ outline, manifest }: Book): ShownOutline {
  const written = new Map(manifest.chapters.map(chapter => [chapter.slug, chapter]));
  return {
    title: outline.title || 'Kubernetes From Scratch',
    parts: outline.parts.map(part => ({
      slug: part.slug,
      title: typographic(part.title),
      chapters: part.chapters.map(({ slug, title, number }) => {
        const chapter = written.get(slug);
        return {
          slug,
          title: typographic(title || chapter?.title || slug),
          number,
          written: chapter !== undefined,
          steps: chapter?.steps.length ?? 0,
        };
      }),
    })),
  };
}

/** Titles do not pass through Markdown, which makes quotation marks and apostrophes curly. */
export const typographic = (text: string): string =>
  text.replace(/(^|[\s(])"/g, '$1“').replace(/"/g, '”').replace(/'/g, '’');
