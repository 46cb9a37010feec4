/**
 * The operating-system image: one for all machines, made in the builder by the scripts beside this file.
 * Yields a folder with os.raw.zst, its digest and size, kernel, initrd, ignition-validate, the list of packages,
 * boot.json for the lab, and the digests of all these.
 */
import { createWriteStream, existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KfsError } from '../../runner/errors.ts';
import { aptMeter } from '../builder/apt.ts';
import { type Builder, ensureBuilder } from '../builder/builder.ts';
import { cached, cacheFolder, digestOf, type Report } from '../builder/cache.ts';
import { discard } from '../builder/discard.ts';
import { type DebianMirror, debianMirror } from '../builder/mirror.ts';
import { RELEASE } from '../builder/packages.ts';
import { adoptImage, changedImageFiles, listDigests } from './digests.ts';

/** The date of every file that has none of its own: the image does not depend on the day it is made. */
const SOURCE_DATE_EPOCH = '1780000000';

const FOLDER = import.meta.dirname;
const GIB = 2 ** 30;
/** About how many packages the image has: for the percentage only. */
const EXPECTED = 340;

/** Empty: a machine starts this image from its own disk, as the disk's boot loader says. */
const BOOT = {};

export interface ImageOptions {
  report?: Report;
  signal?: AbortSignal;
  /** Ask Debian anew, as packages of today may be newer than those in the cache; these stay until the new are there. */
  fresh?: boolean;
}

/**
 * Returns the folder of the image, making it first when it is not in the cache (about three minutes), or when one of
 * its files changed since.
 */
export async function ensureImage({ report = () => {}, signal, fresh }: ImageOptions = {}): Promise<string> {
  const path = imageFolder();
  await adoptImage(path);
  return cached({
    path,
    what: 'the operating-system image',
    space: 8 * GIB,
    report,
    signal,
    changed: changedImageFiles,
    fresh,
    discard,
    make: async draft => {
      const builder = await ensureBuilder(report, signal);
      const packages = await ensureImagePackages(builder, { report, signal, fresh });
      await makeImage(draft, builder, packages, report, signal);
    },
  });
}

/** The folder of the image as it was made. Throws `image-failed` when there is none, or when a file of it changed. */
export async function madeImage(): Promise<string> {
  const path = imageFolder();
  if (!existsSync(path))
    throw new KfsError('image-failed', 'the image is not made yet', { next: 'kfs image build' });
  await adoptImage(path);
  const changed = await changedImageFiles(path);
  if (changed.length === 0) return path;
  const message = `the image is not as it was made: ${changed.join(', ')} changed`;
  throw new KfsError('image-failed', message, { next: 'kfs image build makes it again' });
}

/** Where the image of these sources is, or will be. */
export const imageFolder = (): string =>
  cacheFolder(
    'os-image',
    digestOf(...sources('packages.', 'root.sh', 'disk.sh', 'bios.sh', 'files/', 'dracut/')),
  );

const packagesFolder = (): string => cacheFolder('os-packages', digestOf(...sources('packages.')));

/** Names and contents of the files whose name begins so. */
function sources(...parts: string[]): (string | Buffer)[] {
  const entries = readdirSync(FOLDER, { recursive: true, withFileTypes: true });
  return entries
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name).slice(FOLDER.length + 1))
    .filter(name => parts.some(part => name.startsWith(part)))
    .sort()
    .flatMap(name => [name, readFileSync(join(FOLDER, name))]);
}

/** The slow part, which does not change when only our own files do. Returns a folder with `root.tar`. */
export function ensureImagePackages(
  builder: Builder,
  { report = () => {}, signal, fresh }: ImageOptions = {},
): Promise<string> {
  return cached({
    path: packagesFolder(),
    what: 'the packages of the image',
    space: 3 * GIB,
    report,
    signal,
    fresh,
    discard,
    make: async draft => {
      const env = { SOURCES: sourceLines(await debianMirror()) };
      const work = { builder, draft, binds: [], env, signal };
      const meter = aptMeter(EXPECTED, (share, text) =>
        report({ phase: 'image', done: share * 69, total: 100, text }),
      );
      await script('packages.sh', 'installing the packages of the image', work, meter);
    },
  });
}

/** The image of these packages and of the files beside this one, in the folder `draft`. */
export async function makeImage(
  draft: string,
  builder: Builder,
  packages: string,
  report: Report = () => {},
  signal?: AbortSignal,
): Promise<void> {
  const tell = (done: number, text: string) => report({ phase: 'image', done, total: 100, text });
  const work = { builder, draft, binds: [{ from: packages, to: '/packages' }], env: {}, signal };
  tell(70, 'our files and the initial RAM disk');
  await script('root.sh', 'making the root of the image', work);
  tell(88, 'making and compressing the disk');
  await script('disk.sh', 'making the disk of the image', work);
  await writeFile(join(draft, 'boot.json'), `${JSON.stringify(BOOT)}\n`);
  await listDigests(draft);
  tell(100, 'the image is ready');
}

interface Work {
  builder: Builder;
  /** Seen as /out. */
  draft: string;
  binds: { from: string; to: string }[];
  env: Record<string, string>;
  signal?: AbortSignal;
}

/** Runs one of the scripts beside this file in the builder; its output is kept in /out. */
async function script(name: string, what: string, work: Work, onLine = (_line: string) => {}): Promise<void> {
  const { builder, draft, binds, env, signal } = work;
  await mkdir(draft, { recursive: true });
  const log = createWriteStream(join(draft, name.replace('.sh', '.log')));
  try {
    await builder.run(['bash', `/src/${name}`], {
      binds: [{ from: FOLDER, to: '/src' }, { from: draft, to: '/out' }, ...binds],
      cwd: '/out',
      env: { SOURCE_DATE_EPOCH, ...env },
      signal,
      what,
      onLine: line => {
        log.write(`${line}\n`);
        onLine(line);
      },
    });
  } finally {
    await new Promise(resolve => log.end(resolve));
  }
}

/** The host's own Debian mirror, for the release and its updates. */
function sourceLines({ archive, security }: DebianMirror): string {
  const parts = 'main non-free-firmware';
  const lines = [`deb ${archive} ${RELEASE} ${parts}`, `deb ${archive} ${RELEASE}-updates ${parts}`];
  if (security) lines.push(`deb ${security} ${RELEASE}-security ${parts}`);
  return lines.join('\n');
}
