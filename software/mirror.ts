/**
 * The mirror: the folder of pinned software that the workstation serves to the machines.
 *
 *     <component>/<version>/<arch>/<program>   SHA256SUMS beside them; packages.txt where they are Debian's
 *     images/<name>/<version>/                 an OCI layout each
 *     os-image/<release>/<arch>/               the operating system of the machines, SHA256SUMS beside it
 *     SHA256SUMS                               over everything
 *
 * Files are hard links into the cache where that is possible. Names that begin with a dot are ours and not served.
 */
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Built } from './build-all.ts';
import { type Report, takeLock } from './builder/cache.ts';
import type { Component } from './component.ts';
import { type Image, imagePath } from './image-list.ts';
import { type Layout, makeLayouts } from './images.ts';
import { assertMirror, listMirror, mirrorSums } from './mirror-contents.ts';
import { type Filled, mirrorPath } from './pinned.ts';
import { filesBelow, place, replaceFile } from './place.ts';
import { formatSums, readSums, type Sums, sha256, sumsOf } from './sums.ts';

export interface WaitOptions {
  report?: Report;
  signal?: AbortSignal;
}

export interface FillOptions extends WaitOptions {
  /** All components, for the paths of crane and the registry. */
  components: Component[];
  /** Those that should be there; made where their programs are in the mirror. */
  images: Image[];
}

/** Puts builds, and the images that can be made then, into the mirror. */
export async function fillMirror(mirror: string, built: Built[], options: FillOptions): Promise<Filled> {
  return locked(mirror, options, async () => {
    for (const { component, folder, sums } of built) {
      const beside = ['packages.txt'].filter(file => existsSync(join(folder, file)));
      await placeListed(mirror, mirrorPath(component, ''), folder, sums, beside);
    }
    const known = await knownSums(mirror);
    for (const { component } of built) delete known[mirrorPath(component, 'packages.txt')];
    return finish(mirror, known, options);
  });
}

/** Puts files that are no component's into the folder `path` of the mirror, and into both lists. */
export const fillFolder = (
  mirror: string,
  path: string,
  from: { folder: string; sums: Sums },
  options: WaitOptions = {},
): Promise<void> =>
  locked(mirror, options, async () => {
    await placeListed(mirror, path, from.folder, from.sums);
    await writeList(mirror, await sumsBelow(mirror, await knownSums(mirror)));
  });

/** Hard links where the file system can. The list of digests comes last: what it names is there. */
async function placeListed(mirror: string, path: string, folder: string, sums: Sums, beside: string[] = []) {
  const target = join(mirror, path);
  for (const file of [...Object.keys(sums), ...beside]) await place(join(folder, file), join(target, file));
  await replaceFile(join(target, 'SHA256SUMS'), formatSums(sums));
}

/**
 * What the mirror's list says; of files that have a list beside them, what that one says: it was written when they
 * came, even if the work ended then. The lists themselves are read anew.
 */
async function knownSums(mirror: string): Promise<Sums> {
  const known = await mirrorSums(mirror);
  for (const { path } of await listMirror(mirror)) {
    const beside = await readSums(join(mirror, path, 'SHA256SUMS'));
    for (const [file, hex] of Object.entries(beside)) known[`${path}/${file}`] = hex;
    delete known[`${path}/SHA256SUMS`];
  }
  return known;
}

/** Makes images and every `SHA256SUMS` of whatever is in the mirror now, as its bytes are now. */
export const indexMirror = (mirror: string, options: FillOptions): Promise<Filled> =>
  locked(assertMirror(mirror), options, async () => {
    for (const { path, files } of await listMirror(mirror)) {
      const folder = join(mirror, path);
      if (files.length === 0) continue;
      await replaceFile(join(folder, 'SHA256SUMS'), formatSums(await sumsOf(folder, files)));
    }
    return finish(mirror, {}, options);
  });

async function finish(mirror: string, known: Sums, options: FillOptions): Promise<Filled> {
  const programs = await sumsBelow(mirror, known);
  const tools = toolsOf(options.components);
  const layouts = await makeLayouts(options.images, mirror, programs, tools, options);
  const images: Filled['images'] = [];
  for (const layout of layouts) {
    await placeLayout(mirror, layout);
    const index = `${imagePath(layout.image)}/index.json`;
    delete programs[index];
    images.push({ index, from: [tools.crane, ...Object.values(layout.image.sources)] });
  }
  const sums = await sumsBelow(mirror, programs);
  await writeList(mirror, sums);
  options.report?.({ phase: 'mirror', done: 1, total: 1, text: `${Object.keys(sums).length} files` });
  return { sums, images };
}

const writeList = (mirror: string, sums: Sums): Promise<void> =>
  replaceFile(join(mirror, 'SHA256SUMS'), formatSums(sums));

async function placeLayout(mirror: string, { image, folder }: Layout): Promise<void> {
  const target = join(mirror, imagePath(image));
  const files = await filesBelow(folder);
  for (const file of files) await place(join(folder, file), join(target, file));
  for (const file of await filesBelow(target)) {
    if (!files.includes(file)) await rm(join(target, file)); // of an image that was made of other bytes
  }
}

function toolsOf(components: Component[]): { crane: string; registry: string } {
  const path = (name: string) => {
    const component = components.find(each => each.name === name);
    return component ? mirrorPath(component, name) : '';
  };
  return { crane: path('crane'), registry: path('registry') };
}

/** One at a time: two would trip over each other's files. */
async function locked<T>(mirror: string, options: WaitOptions, work: () => Promise<T>): Promise<T> {
  await mkdir(mirror, { recursive: true });
  const lock = await takeLock(join(mirror, '.lock'), 'the mirror', options);
  try {
    return await work();
  } finally {
    await lock.release();
  }
}

/** Of every file in the mirror, without reading those that are `known`. */
async function sumsBelow(mirror: string, known: Sums): Promise<Sums> {
  const sums: Sums = {};
  for (const file of await filesBelow(mirror)) {
    if (file !== 'SHA256SUMS') sums[file] = known[file] ?? (await sha256(join(mirror, file)));
  }
  return sums;
}
