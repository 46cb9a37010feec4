/**
 * The digests that this project pins, by path in the mirror: in `software/SHA256SUMS` what every mirror has, in
 * `software/optional.SHA256SUMS` what is made only when it is asked for.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KfsError } from '../runner/errors.ts';
import type { Component } from './component.ts';
import { ARCH } from './inputs.ts';
import { formatSums, readSums, type Sums } from './sums.ts';

const FILE = join(import.meta.dirname, 'SHA256SUMS');
export const OPTIONAL_FILE = join(import.meta.dirname, 'optional.SHA256SUMS');

/** `<component>/<version>/<arch>/<file>`: the path in the mirror. */
export const mirrorPath = ({ name, version }: Pick<Component, 'name' | 'version'>, file: string): string =>
  `${name}/${version}/${ARCH}/${file}`;

/** The sums of a build, by path in the mirror. */
export const inMirror = (component: Pick<Component, 'name' | 'version'>, sums: Sums): Sums =>
  Object.fromEntries(Object.entries(sums).map(([file, hex]) => [mirrorPath(component, file), hex]));

/** A mirror as it is after it was filled. */
export interface Filled {
  /** Of every file in the mirror. */
  sums: Sums;
  /** Images that were made, or were there, by the path of their index, with the paths of what they are made of and by. */
  images: { index: string; from: string[] }[];
}

/** Throws `software-invalid` naming the first path that differs from its pinned digest, or has none. */
export async function assertPinned(made: Sums, file?: string): Promise<void> {
  const pinned = await readPins(file);
  for (const [path, hex] of Object.entries(made)) {
    const want = pinned[path];
    if (want === hex) continue;
    const what = want ? `${path} was built as ${hex}, but ${want} is pinned` : `${path} has no pinned digest`;
    throw new KfsError('software-invalid', what, {
      next: want
        ? 'the same inputs gave other bytes: compare the build log and the Go version; do not use it'
        : 'after a change of version on purpose: kfs software pin, and commit software/SHA256SUMS',
    });
  }
}

/** Paths of what was made that differ from their pinned digests, or have none. */
export async function unlikePinned(made: Sums, file?: string): Promise<string[]> {
  const pinned = await readPins(file);
  return Object.keys(made).filter(path => pinned[path] !== made[path]);
}

/** Of one file, or of both of ours. */
const readPins = async (file?: string): Promise<Sums> =>
  file ? readSums(file) : { ...(await readSums(OPTIONAL_FILE)), ...(await readSums(FILE)) };

/**
 * As `assertPinned`, for the images that are made of pinned programs by the pinned crane: of other programs, as the
 * reader may have downloaded them, come other images.
 */
export async function assertPinnedImages({ sums, images }: Filled, file?: string): Promise<void> {
  const pinned = await readPins(file);
  const same = images.filter(({ from }) => from.every(path => pinned[path] && pinned[path] === sums[path]));
  await assertPinned(Object.fromEntries(same.map(({ index }) => [index, sums[index] ?? ''])), file);
}

/** Pins what was made now, by path in the mirror; what is in none of the folders `current` any more is dropped. */
export async function pin(made: Sums, current: string[], file = FILE): Promise<void> {
  const kept = Object.entries(await readSums(file)).filter(([path]) =>
    current.some(folder => path.startsWith(folder)),
  );
  await writeFile(file, formatSums({ ...Object.fromEntries(kept), ...made }));
}
