/**
 * The book's outline for the pages: parts and chapters in reading order, numbered, with what is written already.
 * From `content/book.yaml`; a book without one is its folders and files in alphabetical order.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { pageId, type SiteSettings } from './settings.ts';

export interface OutlineChapter {
  /** `before/rules`, the page's path. */
  slug: string;
  title: string;
  /** `2.3`, or nothing in an unnumbered part. */
  number: string;
  written: boolean;
}

export interface OutlinePart {
  slug: string;
  title: string;
  /** `2`, or nothing. */
  number: string;
  chapters: OutlineChapter[];
}

export interface Outline {
  title: string;
  parts: OutlinePart[];
}

interface BookFile {
  title: string;
  parts: { slug: string; title: string; numbered?: boolean; chapters: { slug: string; title: string }[] }[];
}

export function readOutline(site: SiteSettings): Outline {
  const pages = findPages(site.docs);
  const file = [join(site.book, 'content', 'book.yaml'), join(site.docs, '..', 'book.yaml')].find(existsSync);
  const book = file ? (parse(readFileSync(file, 'utf8')) as BookFile) : bookOfFolders(pages);
  let number = 0;
  const parts = book.parts.map(part => {
    const ofPart = part.numbered === false ? '' : String(++number);
    return {
      slug: part.slug,
      title: part.title,
      number: ofPart,
      chapters: part.chapters.map((chapter, index) => ({
        slug: `${part.slug}/${chapter.slug}`,
        title: chapter.title,
        number: ofPart && `${ofPart}.${index + 1}`,
        written: pages.has(`${part.slug}/${chapter.slug}`),
      })),
    };
  });
  return { title: book.title, parts };
}

export function chapterOf(outline: Outline, slug: string): OutlineChapter | undefined {
  return outline.parts.flatMap(part => part.chapters).find(chapter => chapter.slug === slug);
}

/** Page id to title as its frontmatter has it, of all chapters in part folders. */
function findPages(docs: string): Map<string, string> {
  const pages = new Map<string, string>();
  const files = readdirSync(docs, { recursive: true, encoding: 'utf8' }).sort();
  for (const file of files) {
    if (!/^[^_/][^/]*\/(?:[^_/][^/]*)\.mdx?$/.test(file)) continue;
    const title = /^title:\s*["']?(.*?)["']?\s*$/m.exec(readFileSync(join(docs, file), 'utf8'))?.[1];
    pages.set(pageId(file), title ?? pageId(file));
  }
  return pages;
}

function bookOfFolders(pages: Map<string, string>): BookFile {
  const parts = new Map<string, BookFile['parts'][number]>();
  for (const [id, title] of pages) {
    const [folder = '', slug = ''] = id.split('/');
    const part = parts.get(folder) ?? { slug: folder, title: folder.replaceAll('-', ' '), chapters: [] };
    part.chapters.push({ slug, title });
    parts.set(folder, part);
  }
  return { title: 'Kubernetes From Scratch', parts: [...parts.values()] };
}
