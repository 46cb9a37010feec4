/** The digests of the image's files, written when it is made: afterwards they tell whether a file is still as it was. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { takeLock } from '../builder/cache.ts';
import { replaceFile } from '../place.ts';
import { changedFiles, formatSums, readSums, type Sums, sumsOf } from '../sums.ts';

/** What of the image goes into the mirror. */
const PLACED = ['os.raw.zst', 'os.raw.zst.sha256', 'os.raw.size', 'vmlinuz', 'initrd', 'packages.txt'];
/** What stays on the workstation. */
const KEPT = ['ignition-validate', 'boot.json'];

const ALL = [...PLACED, ...KEPT];

const listOf = (folder: string): string => join(folder, 'SHA256SUMS');

/** Writes the list of a new image. */
export const listDigests = async (folder: string): Promise<void> =>
  replaceFile(listOf(folder), formatSums(await sumsOf(folder, ALL)));

/** Files of the image that are missing or not what they were when it was made. */
export const changedImageFiles = (folder: string): Promise<string[]> => changedFiles(folder);

/** As they were when the image was made: of the files that go into the mirror. */
export async function placedSums(folder: string): Promise<Sums> {
  const all = await readSums(listOf(folder));
  return Object.fromEntries(PLACED.flatMap(name => (all[name] ? [[name, all[name]]] : [])));
}

/** Digest of the image, as the installer checks it. */
export const imageDigest = async (folder: string): Promise<string> =>
  (await readFile(join(folder, 'os.raw.zst.sha256'), 'utf8')).slice(0, 64);

/**
 * Gives an image that was made before there were lists its list: with the digest that its largest part has had from the
 * beginning, and of the small ones as they are now. One of which a part is missing gets none, and counts as changed.
 */
export async function adoptImage(folder: string): Promise<void> {
  if (!existsSync(folder) || existsSync(listOf(folder))) return;
  const lock = await takeLock(`${folder}.lock`, 'the list of the image');
  try {
    const digest = await imageDigest(folder).catch(() => '');
    const others = ALL.filter(name => name !== 'os.raw.zst');
    if (!/^[0-9a-f]{64}$/.test(digest) || !others.every(name => existsSync(join(folder, name)))) return;
    const sums = { ...(await sumsOf(folder, others)), 'os.raw.zst': digest };
    await replaceFile(listOf(folder), formatSums(sums));
  } finally {
    await lock.release();
  }
}
