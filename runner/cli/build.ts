/** `kfs build`: the book as a static site, for any base path, readable with no runner behind it. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { KfsError } from '../errors.ts';
import { inTurn } from './build-turn.ts';
import { CHECKOUT, globals, paint } from './context.ts';

export interface BuildOptions {
  /** Folder that holds `content/docs`, or the docs folder itself. */
  book: string;
  /** Path under which the site will be served: `/`, `/book/`. */
  base: string;
  /** Folder to write; replaced in one move when the build has succeeded. */
  out: string;
  /** Called with what Astro prints, as it prints it; default: nowhere. */
  log?: (text: string) => void;
}

const ASTRO = join(CHECKOUT, 'node_modules', 'astro', 'bin', 'astro.mjs');
const CACHE = join(CHECKOUT, 'node_modules', '.cache', 'kfs-site');

/**
 * Builds aside and swaps, so that a server on `out` never sees half a site. Aside is inside the checkout, wherever
 * `out` is: what Astro runs while it renders the pages finds its packages from there. Each build has a folder and a
 * cache of its own there.
 */
export async function buildSite(options: BuildOptions): Promise<void> {
  const out = resolve(options.out);
  await refuseForeign(out);
  const { compileBook } = await import('../book/compile.ts');
  await compileBook(options.book); // what is wrong with the book is said in its own words, and before Astro starts
  await mkdir(CACHE, { recursive: true });
  const aside = await mkdtemp(join(CACHE, 'build-'));
  const [fresh, old] = [`${out}.new-${process.pid}`, `${out}.old-${process.pid}`];
  try {
    await inTurn(join(CACHE, 'turn'), () =>
      runAstro({ ...options, out: join(aside, 'site') }, join(aside, 'cache')),
    );
    await mkdir(dirname(out), { recursive: true });
    await cp(join(aside, 'site'), fresh, { recursive: true });
    if (existsSync(out)) await rename(out, old);
    await rename(fresh, out);
  } finally {
    for (const folder of [aside, fresh, old]) await rm(folder, { recursive: true, force: true });
  }
}

/** `out` is replaced as a whole: refuse a folder that no build has made. */
async function refuseForeign(out: string): Promise<void> {
  if (!existsSync(out) || existsSync(join(out, '_astro'))) return;
  if ((await readdir(out)).length === 0) return;
  throw new KfsError('refused', `${out} exists and is not a built site; the build would replace it`, {
    next: 'Name another folder with --out, or remove this one.',
  });
}

function runAstro({ book, base, out, log }: BuildOptions, cache: string): Promise<void> {
  const child = spawn(process.execPath, [ASTRO, 'build'], {
    cwd: CHECKOUT,
    env: {
      ...process.env,
      ASTRO_TELEMETRY_DISABLED: '1',
      KFS_SITE_BOOK: resolve(book),
      KFS_SITE_BASE: base,
      KFS_SITE_OUT: out,
      KFS_SITE_CACHE: cache,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let tail = '';
  const collect = (chunk: Buffer) => {
    const text = chunk.toString();
    tail = (tail + text).slice(-4000);
    log?.(text);
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', status => {
      if (status === 0) return done();
      fail(
        new KfsError('book-invalid', `the site does not build\n${tail.trim()}`, {
          next: 'Mend the place named above.',
        }),
      );
    });
  });
}

export function register(program: Command): void {
  program
    .command('build')
    .summary('write the book as a static site')
    .description(
      'Write the book as a static site that any file server can serve. Without a runner behind it every page\n' +
        'reads fully; its steps are there to read and to copy. To run them, readers use `kfs start`.',
    )
    .option('--base <path>', 'path under which the site will be served, for example /book/', '/')
    .option(
      '--out <folder>',
      'folder to write; a site that is there already is replaced',
      join(CHECKOUT, 'dist'),
    )
    .option('--quiet', 'print nothing but errors', false)
    .addHelpText(
      'after',
      '\nExamples:\n  kfs build                              dist/, for the root of a host\n' +
        '  kfs build --base /book/ --out site     site/, for https://example.org/book/\n' +
        '  kfs build --book ~/my-book             a book of your own',
    )
    .action(async (options: { base: string; out: string; quiet: boolean }, command: Command) => {
      const { book, json } = globals(command);
      const started = performance.now();
      const log = options.quiet || json ? undefined : (text: string) => void process.stderr.write(text);
      await buildSite({ book, base: options.base, out: options.out, log });
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      if (json)
        console.log(
          JSON.stringify({ out: resolve(options.out), base: options.base, seconds: Number(seconds) }),
        );
      else if (!options.quiet)
        console.log(`${paint('green', 'built')} ${resolve(options.out)} in ${seconds} s`);
    });
}
