/** Which book this build is of and where it goes: set by `kfs build` in the environment, with defaults for `astro dev`. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { slugOfFile } from '../../runner/book/slug.ts';

export interface SiteSettings {
  /** The checkout, where `astro.config.mjs` is. */
  root: string;
  /** Folder of the book: holds `content/docs`, or is the docs folder itself. */
  book: string;
  /** Folder of the chapters. */
  docs: string;
  /** Path under which the site is served, with a slash at both ends. */
  base: string;
  out: string;
  /** Astro's cache; `kfs build` gives each build its own, so that builds of different books do not meet. */
  cache: string;
}

/** `/book` and `book/` become `/book/`; nothing becomes `/`. */
export function normalBase(base: string | undefined): string {
  const inner = (base ?? '').split('/').filter(Boolean).join('/');
  return inner === '' ? '/' : `/${inner}/`;
}

export function siteSettings(env: NodeJS.ProcessEnv = process.env): SiteSettings {
  const root = resolve(import.meta.dirname, '..', '..');
  const book = resolve(root, env.KFS_SITE_BOOK ?? '.');
  const inside = join(book, 'content', 'docs');
  const base = normalBase(env.KFS_SITE_BASE);
  return {
    root,
    book,
    docs: existsSync(inside) ? inside : book,
    base,
    out: resolve(root, env.KFS_SITE_OUT ?? 'dist'),
    cache: resolve(root, env.KFS_SITE_CACHE ?? join('node_modules', '.cache', 'kfs-site', 'dev')),
  };
}

/** `before/01-rules.mdx` is the page `before/rules`; the start page is `index`, as Starlight wants it. */
export const pageId = (entry: string): string => slugOfFile(entry) || 'index';

export const directoryUrl = (path: string): URL => pathToFileURL(`${path}/`);
