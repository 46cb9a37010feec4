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
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Built } from './build-all.ts';
import { type Report, takeLock } from './builder/cache.ts';
import type { Component } from './component.ts';
import { type Image, imagePath } from './image-list.ts';
import { type Layout, makeLayouts } from './images.ts';
import { assertMirror, listMirror, mirrorSums } from './mirror-contents.ts';
import { type Filled, inMirror, mirrorPath } from './pinned.ts';
import { filesBelow, place, replaceFile } from './place.ts';
import { formatSums, type Sums, sha256, sumsOf } from './sums.ts';

export interface FillOptions {
  /** All components, for the paths of crane and the registry. */
  components: Component[];
  /** Those that should be there; made where their programs are in the mirror. */
  images: Image[];
  report?: Report;
  signal?: AbortSignal;
}

/** Puts builds, and the images that can be made then, into the mirror. */
export async function fillMirror(mirror: string, built: Built[], options: FillOptions): Promise<Filled> {
  return locked(mirror, options, async () => {
    const known = await mirrorSums(mirror);
    for (const { component, folder, sums } of built) {
      const target = join(mirror, mirrorPath(component, ''));
      const beside = ['SHA256SUMS', 'packages.txt'].filter(file => existsSync(join(folder, file)));
      for (const file of [...Object.keys(sums), ...beside]) {
        await place(join(folder, file), join(target, file));
        delete known[mirrorPath(component, file)];
      }
      Object.assign(known, inMirror(component, sums));
    }
    return finish(mirror, known, options);
  });
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
  await replaceFile(join(mirror, 'SHA256SUMS'), formatSums(sums));
  options.report?.({ phase: 'mirror', done: 1, total: 1, text: `${Object.keys(sums).length} files` });
  return { sums, images };
}

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
async function locked<T>(mirror: string, options: FillOptions, work: () => Promise<T>): Promise<T> {
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
