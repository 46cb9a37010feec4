/**
 * The mirror: the folder of pinned software that the workstation serves to the machines.
 *
 *     <component>/<version>/<arch>/<program>   SHA256SUMS beside them; packages.txt where they are Debian's
 *     images/<name>/<version>/                 an OCI layout each
 *     SHA256SUMS                               over everything
 *
 * Files are hard links into the cache where that is possible. Names that begin with a dot are ours and not served.
 */
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KfsError } from '../runner/errors.ts';
import type { Built } from './build-all.ts';
import { type Report, takeLock } from './builder/cache.ts';
import type { Component } from './component.ts';
import { type Image, imagePath } from './image-list.ts';
import { type Layout, makeLayouts } from './images.ts';
import { inMirror, mirrorPath } from './pinned.ts';
import { filesBelow, place } from './place.ts';
import { formatSums, readSums, type Sums, sha256 } from './sums.ts';

export interface FillOptions {
  /** All components, for the paths of crane and the registry. */
  components: Component[];
  /** Those that should be there; made where their programs are in the mirror. */
  images: Image[];
  report?: Report;
  signal?: AbortSignal;
}

/** Puts builds, and the images that can be made then, into the mirror. Returns the sums of the reproducible images' indexes. */
export async function fillMirror(mirror: string, built: Built[], options: FillOptions): Promise<Sums> {
  return locked(mirror, options, async () => {
    const known: Sums = {};
    for (const { component, folder, sums } of built) {
      const target = join(mirror, mirrorPath(component, ''));
      const beside = ['SHA256SUMS', 'packages.txt'].filter(file => existsSync(join(folder, file)));
      for (const file of [...Object.keys(sums), ...beside])
        await place(join(folder, file), join(target, file));
      Object.assign(known, inMirror(component, sums));
    }
    return finish(mirror, { ...(await oldSums(mirror)), ...known }, options);
  });
}

/** Makes images and `SHA256SUMS` of whatever is in the mirror now, as its bytes are now. */
export const indexMirror = (mirror: string, options: FillOptions): Promise<Sums> =>
  locked(assertThere(mirror), options, () => finish(mirror, {}, options));

async function finish(mirror: string, known: Sums, options: FillOptions): Promise<Sums> {
  const sums = await sumsBelow(mirror, known);
  const layouts = await makeLayouts(options.images, mirror, sums, toolsOf(options.components), options);
  const indexes: Sums = {};
  const pinnable: Sums = {};
  for (const layout of layouts) {
    const path = await placeLayout(mirror, layout);
    const index = `${path}/index.json`;
    indexes[index] = await sha256(join(mirror, index));
    if (layout.image.reproducible) pinnable[index] = indexes[index];
  }
  // What is not an image has just been seen; a blob is named by its own digest, and crane checked it.
  const all = await sumsBelow(mirror, { ...sums, ...indexes });
  const draft = join(mirror, '.SHA256SUMS.draft');
  await writeFile(draft, formatSums(all));
  await rename(draft, join(mirror, 'SHA256SUMS'));
  options.report?.({ phase: 'mirror', done: 1, total: 1, text: `${Object.keys(all).length} files` });
  return pinnable;
}

async function placeLayout(mirror: string, { image, folder }: Layout): Promise<string> {
  const path = imagePath(image);
  const files = await filesBelow(folder);
  for (const file of files) await place(join(folder, file), join(mirror, path, file));
  for (const file of await filesBelow(join(mirror, path))) {
    if (!files.includes(file)) await rm(join(mirror, path, file)); // of an image that was made of other bytes
  }
  return path;
}

function toolsOf(components: Component[]): { crane: string; registry: string } {
  const path = (name: string) => {
    const component = components.find(each => each.name === name);
    return component ? mirrorPath(component, name) : '';
  };
  return { crane: path('crane'), registry: path('registry') };
}

/** One at a time: two would trip over each other's files. */
async function locked<T>(mirror: string, options: FillOptions, work: () => Promise<T>): Promise<T> {
  await mkdir(mirror, { recursive: true });
  const lock = await takeLock(join(mirror, '.lock'), 'the mirror', options);
  try {
    return await work();
  } finally {
    await lock.release();
  }
}

const oldSums = (mirror: string): Promise<Sums> => readSums(join(mirror, 'SHA256SUMS'));

/** Of every file in the mirror, without reading those that are `known`. */
async function sumsBelow(mirror: string, known: Sums): Promise<Sums> {
  const sums: Sums = {};
  for (const file of await filesBelow(mirror)) {
    if (file !== 'SHA256SUMS') sums[file] = known[file] ?? (await sha256(join(mirror, file)));
  }
  return sums;
}

function assertThere(mirror: string): string {
  if (existsSync(mirror)) return mirror;
  throw new KfsError('software-invalid', `there is no mirror in ${mirror}`, { next: 'kfs software build' });
}

/** Files of the mirror that are missing or not what its `SHA256SUMS` says; empty when all is well. */
export async function verifyMirror(mirror: string): Promise<string[]> {
  const sums = await oldSums(mirror);
  if (Object.keys(sums).length === 0) {
    throw new KfsError('software-invalid', `there is no mirror in ${mirror}`, { next: 'kfs software build' });
  }
  const wrong: string[] = [];
  for (const [file, hex] of Object.entries(sums)) {
    const path = join(mirror, file);
    if (!existsSync(path)) wrong.push(`${file} is missing`);
    else if ((await sha256(path)) !== hex) wrong.push(`${file} is not what SHA256SUMS says`);
  }
  return wrong;
}

export interface Shelf {
  /** `etcd/3.7.3/amd64`, `images/pause/1.0.0`. */
  path: string;
  /** Programs; none for an image, whose files are named by digests. */
  files: string[];
  bytes: number;
}

/** What the mirror holds, by folder of a version. */
export async function listMirror(mirror: string): Promise<Shelf[]> {
  const shelves = new Map<string, Shelf>();
  for (const file of await filesBelow(assertThere(mirror))) {
    const parts = file.split('/');
    if (parts.length < 4) continue;
    const path = parts.slice(0, 3).join('/');
    const shelf = shelves.get(path) ?? { path, files: [], bytes: 0 };
    shelves.set(path, shelf);
    shelf.bytes += (await stat(join(mirror, file))).size;
    if (parts[0] !== 'images' && parts[3] !== 'SHA256SUMS') shelf.files.push(parts.slice(3).join('/'));
  }
  return [...shelves.values()];
}
