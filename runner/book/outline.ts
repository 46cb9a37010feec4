/** The book's parts and chapters in reading order, from `content/book.yaml`, or by name for a folder without one. */
import { parseDocument } from 'yaml';
import type { Finding } from './finding.ts';
import { slugOfFile } from './slug.ts';

export interface OutlineChapter {
  slug: string;
  title: string;
  number: string;
  /** Path below the docs folder; absent while the chapter is not written. */
  file?: string;
}
export interface OutlinePart {
  slug: string;
  title: string;
  chapters: OutlineChapter[];
}
export interface Outline {
  title: string;
  parts: OutlinePart[];
  /** Files that are pages of the site but no chapters: the start page, 404 and, with a book.yaml, all at the root. */
  pages: string[];
  findings: Finding[];
}

interface Written {
  title?: string;
  parts?: { slug: string; title: string; numbered?: boolean; chapters?: { slug: string; title: string }[] }[];
}

/** `files` are the paths of all .md and .mdx files below the docs folder. */
export function outlineFromYaml(yaml: string, file: string, files: readonly string[]): Outline {
  const document = parseDocument(yaml);
  const error = document.errors[0];
  if (error) {
    const position = error.linePos?.[0];
    const place = { file, line: position?.line ?? 1, column: position?.col ?? 1 };
    const why = error.message.split('\n')[0] ?? '';
    return empty([{ place, rule: 'outline', what: 'the outline is not YAML', why, mend: 'mend it' }]);
  }
  const written = (document.toJS() ?? {}) as Written;
  const bySlug = new Map(files.map(path => [slugOfFile(path), path]));
  let counted = 0;
  const parts = (written.parts ?? []).map(part => {
    const number = part.numbered === false ? '' : String(++counted);
    return { slug: part.slug, title: part.title, chapters: chaptersOf(part, number, bySlug) };
  });
  const listed = new Set(parts.flatMap(part => part.chapters.map(chapter => chapter.file)));
  const others = files.filter(path => !listed.has(path));
  return {
    title: written.title ?? '',
    parts,
    pages: others.filter(path => !path.includes('/')),
    findings: others.filter(path => path.includes('/')).map(path => unlisted(path, file)),
  };
}

function chaptersOf(
  part: NonNullable<Written['parts']>[number],
  number: string,
  bySlug: Map<string, string>,
): OutlineChapter[] {
  return (part.chapters ?? []).map((chapter, index) => {
    const slug = `${part.slug}/${chapter.slug}`;
    const file = bySlug.get(slug);
    const numbered = number === '' ? '' : `${number}.${index + 1}`;
    return { slug, title: chapter.title, number: numbered, ...(file === undefined ? {} : { file }) };
  });
}

const unlisted = (path: string, outline: string): Finding => ({
  place: { file: `content/docs/${path}`, line: 1, column: 1 },
  rule: 'outline',
  what: 'the chapter is not in the outline',
  why: 'no reader would come upon it',
  mend: `add it to ${outline}`,
});

const empty = (findings: Finding[]): Outline => ({ title: '', parts: [], pages: [], findings });

/** Folders are parts and files chapters, by name; files at the root are a part without a folder. */
export function outlineFromFiles(files: readonly string[]): Outline {
  const chapters = [...files].filter(path => !isPage(path)).sort();
  const folders = [...new Set(chapters.map(folderOf))];
  return {
    title: '',
    parts: folders.map(folder => ({
      slug: folder === '' ? '' : slugOfFile(folder),
      title: slugOfFile(folder) || 'Chapters',
      chapters: chapters
        .filter(path => folderOf(path) === folder)
        .map(path => ({ slug: slugOfFile(path), title: '', number: '', file: path })),
    })),
    pages: files.filter(isPage),
    findings: [],
  };
}

const folderOf = (path: string): string => path.split('/').slice(0, -1).join('/');
const isPage = (path: string): boolean => /^(index|404)\.mdx?$/.test(path);
