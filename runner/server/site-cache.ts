/**
 * The built book for this runner: built when something that the pages are made from has changed, else taken as
 * it is. Builds are kept by the digest of their sources, so that going back to an earlier text costs nothing.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { siteScripts } from './csp.ts';
import type { Site } from './static.ts';

export interface SiteSources {
  /** The checkout, whose components, styles and settings make the pages. */
  checkout: string;
  /** Folder of the book. */
  book: string;
  /** Where builds are kept. */
  cache: string;
  /** Writes the site of a book into a folder. */
  build(book: string, out: string): Promise<void>;
}

/** What in the checkout makes a page, beside the book itself. */
const MAKERS = [
  'astro.config.mjs',
  'content.config.ts',
  'components',
  'pages',
  'styles',
  'public',
  'package-lock.json',
  'runner/book',
  'runner/protocol',
];
const KEEP = 3;
/** Written last: a build without it was cut short. */
const STAMP = '.kfs-scripts.json';

/** `building` is told when it will take a moment. */
export async function prepareSite(sources: SiteSources, building: () => void = () => {}): Promise<Site> {
  const digest = await sourcesDigest(sources);
  const folder = join(sources.cache, digest);
  const scripts = (await readStamp(folder)) ?? (await buildInto(folder, sources, building));
  await forgetOld(sources.cache, folder);
  return { folder, scripts };
}

/** sha256 hex, shortened, over names and contents of everything that the pages are made from. */
export async function sourcesDigest({
  checkout,
  book,
}: Pick<SiteSources, 'checkout' | 'book'>): Promise<string> {
  const hash = createHash('sha256');
  const content = [join(book, 'content'), book].find(path => existsSync(path)) ?? book;
  for (const root of [...MAKERS.map(maker => join(checkout, maker)), content]) {
    for (const file of await filesOf(root)) {
      if (file.endsWith('.test.ts')) continue;
      hash.update(`\0${relative(root, file)}\0`).update(await readFile(file));
    }
  }
  return hash.digest('hex').slice(0, 16);
}

async function filesOf(path: string): Promise<string[]> {
  const info = await stat(path).catch(() => undefined);
  if (!info) return [];
  if (info.isFile()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter(entry => entry.isFile() && !/node_modules|(^|\/)\./.test(relative(path, entry.parentPath)))
    .map(entry => join(entry.parentPath, entry.name))
    .sort();
}

async function buildInto(
  folder: string,
  { build, book, cache }: SiteSources,
  building: () => void,
): Promise<string[]> {
  building();
  await mkdir(cache, { recursive: true, mode: 0o700 });
  // A build that was cut short is no site; `build` replaces only what is one.
  await rm(folder, { recursive: true, force: true });
  await build(book, folder);
  const scripts = await siteScripts(folder);
  await writeFile(join(folder, STAMP), JSON.stringify(scripts));
  return scripts;
}

async function readStamp(folder: string): Promise<string[] | undefined> {
  const text = await readFile(join(folder, STAMP), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : JSON.parse(text);
}

/** Keeps the last few, by when they were last served. */
async function forgetOld(cache: string, current: string): Promise<void> {
  await utimes(current, new Date(), new Date());
  const builds = await Promise.all(
    (await readdir(cache)).map(async name => ({
      path: join(cache, name),
      at: (await stat(join(cache, name))).mtimeMs,
    })),
  );
  const old = builds.sort((a, b) => b.at - a.at).slice(KEEP);
  await Promise.all(old.map(({ path }) => rm(path, { recursive: true, force: true })));
}
