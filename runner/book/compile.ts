/** Reads a book from disk: the thin part around the pure compiler. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { KfsError } from '../errors.ts';
import { type CompiledChapter, compileChapter } from './chapter.ts';
import { BookError, type Finding } from './finding.ts';
import type { Manifest } from './manifest.ts';
import { type Outline, outlineFromFiles, outlineFromYaml } from './outline.ts';
import { crossFindings } from './rules/cross.ts';

export { findStep, stepById } from './order.ts';

export interface Book {
  /** Complete even when there are findings, as far as could be read. */
  manifest: Manifest;
  outline: Outline;
  /** In reading order. */
  chapters: CompiledChapter[];
  /** Pages of the site that are no chapters: the start page and the like. */
  pages: CompiledChapter[];
  /** What keeps the book from compiling. */
  findings: Finding[];
}

/** The whole book as data. Throws one `BookError` with every problem. `dir` holds `content/docs`, or is that folder. */
export async function compileBook(dir: string): Promise<Manifest> {
  const book = await readBook(dir);
  if (book.findings.length > 0) throw new BookError(book.findings);
  return book.manifest;
}

/** Like `compileBook`, with what was found rather than an error. */
export async function readBook(dir: string): Promise<Book> {
  const { docs, outline, root } = await readOutline(dir);
  const prefix = relative(root, docs).split(sep).join('/');
  const name = (path: string): string => (prefix ? `${prefix}/${path}` : path);
  const compile = async (
    path: string,
    info: Parameters<typeof compileChapter>[2],
  ): Promise<CompiledChapter> => compileChapter(await readFile(join(docs, path), 'utf8'), name(path), info);
  const chapters: CompiledChapter[] = [];
  for (const part of outline.parts)
    for (const { file, slug, title, number } of part.chapters)
      if (file)
        chapters.push(await compile(file, { slug, number, part: part.slug, ...(title ? { title } : {}) }));
  const pages: CompiledChapter[] = [];
  for (const path of outline.pages) pages.push(await compile(path, { part: '' }));
  const findings = [...outline.findings, ...[...chapters, ...pages].flatMap(chapter => chapter.findings)];
  const manifest = toManifest(outline, chapters);
  return { manifest, outline, chapters, pages, findings: [...findings, ...crossFindings(chapters, pages)] };
}

/** The outline alone: parts and chapters, with those not written yet. */
export async function readOutline(dir: string): Promise<{ outline: Outline; docs: string; root: string }> {
  const inside = join(dir, 'content', 'docs');
  const docs = existsSync(inside) ? inside : dir;
  const files = await chapterFiles(docs);
  const yaml = [join(dir, 'content', 'book.yaml'), join(dir, 'book.yaml')].find(path => existsSync(path));
  if (!yaml) return { outline: outlineFromFiles(files), docs, root: dir };
  const name = relative(dir, yaml).split(sep).join('/');
  return { outline: outlineFromYaml(await readFile(yaml, 'utf8'), name, files), docs, root: dir };
}

/** Paths with `/`, sorted; names that begin with `_` or `.` are left out, as the site leaves them out. */
async function chapterFiles(docs: string): Promise<string[]> {
  try {
    const entries = await readdir(docs, { recursive: true });
    return entries
      .map(path => path.split(sep).join('/'))
      .filter(path => /\.mdx?$/.test(path) && !/(^|\/)[_.]/.test(path))
      .sort();
  } catch (cause) {
    throw new KfsError('book-invalid', `There is no book in ${docs}`, {
      cause,
      next: 'name a folder that holds content/docs with --book DIR',
    });
  }
}

function toManifest(outline: Outline, chapters: CompiledChapter[]): Manifest {
  const steps = chapters.flatMap(chapter => chapter.steps);
  const digest = createHash('sha256').update(JSON.stringify(steps.map(step => [step.id, step.digest])));
  return {
    format: 1,
    parts: outline.parts.map(part => ({
      slug: part.slug,
      title: part.title,
      chapters: part.chapters.filter(chapter => chapter.file).map(chapter => chapter.slug),
    })),
    chapters: chapters.map(chapter => chapter.chapter),
    steps,
    digest: digest.digest('hex'),
  };
}
