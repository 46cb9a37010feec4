/** The outline as pages show it: parts and chapters in reading order, numbered, with what is written already. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
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
  /** What holds at its end, as `book.yaml` says; may be nothing. */
  ends: string;
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

export function shownOutline(folder: string, { outline, manifest }: Book): ShownOutline {
  const ends = readEnds(folder);
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
          ends: typographic(ends.get(slug) ?? ''),
        };
      }),
    })),
  };
}

/** The lines `ends` of the book's outline, by chapter; they are for the outline page alone. */
function readEnds(folder: string): Map<string, string> {
  const file = [join(folder, 'content', 'book.yaml'), join(folder, 'book.yaml')].find(existsSync);
  if (!file) return new Map();
  const book = parse(readFileSync(file, 'utf8')) as {
    parts?: { slug: string; chapters?: { slug: string; ends?: string }[] }[];
  };
  return new Map(
    (book.parts ?? []).flatMap(part =>
      (part.chapters ?? []).map(({ slug, ends }) => [`${part.slug}/${slug}`, ends ?? ''] as const),
    ),
  );
}

/** Titles do not pass through Markdown, which makes quotation marks and apostrophes curly. */
export const typographic = (text: string): string =>
  text
    .replace(/(^|[\s(])"/g, '$1“')
    .replace(/"/g, '”')
    .replace(/'/g, '’');
