/** The digests that this project pins: `software/SHA256SUMS`, by component, version, architecture and file. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KfsError } from '../runner/errors.ts';
import type { Component } from './component.ts';
import { ARCH } from './inputs.ts';
import { formatSums, readSums, type Sums } from './sums.ts';

const FILE = join(import.meta.dirname, 'SHA256SUMS');

/** `<component>/<version>/<arch>/<file>`: the path in the mirror. */
export const mirrorPath = ({ name, version }: Pick<Component, 'name' | 'version'>, file: string): string =>
  `${name}/${version}/${ARCH}/${file}`;

/** Throws `software-invalid` naming the first file that differs from its pinned digest, or has none. */
export async function assertPinned(component: Component, built: Sums, file = FILE): Promise<void> {
  const pinned = await readSums(file);
  for (const [name, hex] of Object.entries(built)) {
    const path = mirrorPath(component, name);
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

/** Pins what was built now; what no component has any more is dropped. */
export async function pin(
  builds: { component: Component; sums: Sums }[],
  all: Component[],
  file = FILE,
): Promise<void> {
  const fresh: Sums = {};
  const current = new Set(all.map(component => mirrorPath(component, '')));
  for (const [path, hex] of Object.entries(await readSums(file))) {
    if (current.has(path.slice(0, path.lastIndexOf('/') + 1))) fresh[path] = hex;
  }
  for (const { component, sums } of builds) {
    for (const [name, hex] of Object.entries(sums)) fresh[mirrorPath(component, name)] = hex;
  }
  await writeFile(file, formatSums(fresh));
}
