/** The site of a generated book of 40 chapters: how long it takes to build, and what a page of it loads. */
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { buildSite } from '../../runner/cli/build.ts';
import { print, printLoad, timed } from './support/figures.ts';
import { chapterText } from './support/long-book.ts';

const PARTS = 5;
const CHAPTERS = 40;
const dir = mkdtempSync(join(tmpdir(), 'kfs-bench-'));

function writeBook(book: string): void {
  for (let index = 0; index < CHAPTERS; index++) {
    const part = join(book, 'content', 'docs', `part-${(index % PARTS) + 1}`);
    mkdirSync(part, { recursive: true });
    const number = String(Math.floor(index / PARTS) + 1).padStart(2, '0');
    writeFileSync(join(part, `${number}-chapter-${index + 1}.mdx`), chapterText(index + 1));
  }
}

/** Bytes after gzip of the scripts that a page runs before a terminal is opened: in it, named by it, imported by those. */
function scriptBytes(site: string, page: string): number {
  const html = readFileSync(join(site, page), 'utf8');
  const inline = [...html.matchAll(/<script(?![^>]*\bsrc=)(?![^>]*json)[^>]*>([\s\S]*?)<\/script>/g)];
  const named = [...html.matchAll(/<script[^>]*\bsrc="([^"]+)"/g)].map(match => match[1]!);
  const files = new Set<string>();
  for (const src of named) addWithImports(join(site, src), files);
  const texts = [...inline.map(match => match[1]!), ...[...files].map(file => readFileSync(file, 'utf8'))];
  return texts.reduce((sum, text) => sum + gzipSync(text).length, 0);
}

/** Static imports only: what is imported in the middle of a script is loaded when it is needed. */
function addWithImports(file: string, files: Set<string>): void {
  if (files.has(file)) return;
  files.add(file);
  const text = readFileSync(file, 'utf8');
  for (const [, path] of text.matchAll(
    /(?:^|[;}\s])(?:import|export)\s*(?:[\w*${},\s]+?from\s*)?["'](\.[^"']+)["']/g,
  ))
    addWithImports(join(dirname(file), path!), files);
}

try {
  const [book, out] = [join(dir, 'book'), join(dir, 'site')];
  writeBook(book);
  const seconds = (await timed(() => buildSite({ book, base: '/', out }))) / 1000;
  const pages = globSync('**/*.html', { cwd: out }).length;
  const name = `site of ${CHAPTERS} chapters, ${pages} pages (${(pages / seconds).toFixed(1)} pages/s)`;
  print({ name, value: seconds, unit: 's', goal: { value: 10 } });
  const chapter = globSync('part-1/**/index.html', { cwd: out }).sort()[0]!;
  const kilobytes = scriptBytes(out, chapter) / 1024;
  print({
    name: 'scripts of a chapter before a terminal, gzip',
    value: kilobytes,
    unit: 'KB',
    goal: { value: 50 },
  });
  printLoad();
} finally {
  rmSync(dir, { recursive: true, force: true, maxRetries: 10 });
}
