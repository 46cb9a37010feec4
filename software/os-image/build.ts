/**
 * The operating-system image: one for all machines, made in the builder by the three scripts beside this file.
 * Yields a folder with os.raw.zst, its digest, kernel, initrd, the list of packages, and boot.json for the lab.
 */
import { createWriteStream, readdirSync, readFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Builder, ensureBuilder } from '../builder/builder.ts';
import { cached, cacheFolder, digestOf, type Report } from '../builder/cache.ts';
import { type DebianMirror, debianMirror } from '../builder/mirror.ts';
import { RELEASE } from '../builder/packages.ts';

/** The date of every file that has none of its own: the image does not depend on the day it is made. */
const SOURCE_DATE_EPOCH = '1780000000';

const FOLDER = import.meta.dirname;

/** What the lab (or firmware) is told of the image; see `BootFile` of the lab. */
const BOOT = {};

/** Returns the folder of the image, making it first when it is not in the cache (about three minutes). */
export async function ensureImage(report: Report = () => {}, signal?: AbortSignal): Promise<string> {
  const builder = await ensureBuilder(report, signal);
  return cached({
    path: cacheFolder('os-image', digestOf(builder.id, ...sources())),
    what: 'the operating-system image',
    space: 8 * 2 ** 30,
    report,
    signal,
    make: draft => make(draft, builder, report, signal),
  });
}

/** Names and contents of everything that goes in. */
function sources(): (string | Buffer)[] {
  const entries = readdirSync(FOLDER, { recursive: true, withFileTypes: true });
  return entries
    .filter(entry => entry.isFile() && !entry.name.endsWith('.ts'))
    .map(entry => join(entry.parentPath, entry.name))
    .sort()
    .flatMap(file => [file.slice(FOLDER.length), readFileSync(file)]);
}

async function make(draft: string, builder: Builder, report: Report, signal?: AbortSignal): Promise<void> {
  await mkdir(draft, { recursive: true });
  const log = createWriteStream(join(draft, 'build.log'));
  const meter = packageMeter(report);
  const inside = {
    binds: [{ from: FOLDER, to: '/src' }, { from: draft, to: '/out' }],
    cwd: '/out',
    env: { SOURCES: sourceLines(await debianMirror()), SOURCE_DATE_EPOCH },
    signal,
    onLine: (line: string) => {
      log.write(`${line}\n`);
      meter(line);
    },
  };
  try {
    await builder.run(['bash', '/src/root.sh'], { ...inside, what: 'installing the packages of the image' });
    report({ phase: 'image', done: 85, total: 100, text: 'making the disk' });
    await builder.run(['bash', '/src/disk.sh'], { ...inside, what: 'making the disk of the image' });
  } finally {
    await new Promise(resolve => log.end(resolve));
  }
  await writeFile(join(draft, 'boot.json'), `${JSON.stringify(BOOT, null, 2)}\n`);
  report({ phase: 'image', done: 100, total: 100, text: 'the image is ready' });
}

/** The host's own Debian mirror, for the release and its updates. */
function sourceLines({ archive, security }: DebianMirror): string {
  const lines = [`deb ${archive} ${RELEASE} main`, `deb ${archive} ${RELEASE}-updates main`];
  if (security) lines.push(`deb ${security} ${RELEASE}-security main`);
  return lines.join('\n');
}

/** About how many packages the image has: for the percentage only. */
const EXPECTED = 330;

function packageMeter(report: Report): (line: string) => void {
  let done = 0;
  return line => {
    if (!/^(Get:|Unpacking |Setting up )/.test(line)) return;
    done = Math.min(done + 1, EXPECTED * 3);
    report({ phase: 'image', done: (done / (EXPECTED * 3)) * 84, total: 100, text: line.slice(0, 80) });
  };
}

/** Digest of the image, as the installer checks it. */
export const imageDigest = async (folder: string): Promise<string> =>
  (await readFile(join(folder, 'os.raw.zst.sha256'), 'utf8')).slice(0, 64);
