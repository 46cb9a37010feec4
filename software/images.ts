/** The images that can be made of the programs in a mirror, as OCI layouts in the cache. */
import { join } from 'node:path';
import { cached, cacheFolder, digestOf, type Report } from './builder/cache.ts';
import { makeImage, withRegistry } from './image.ts';
import type { Image } from './image-list.ts';
import { changedParts } from './layout.ts';
import type { Sums } from './sums.ts';

export interface Layout {
  image: Image;
  /** The OCI layout. */
  folder: string;
}

export interface ImageOptions {
  report?: Report;
  signal?: AbortSignal;
}

/**
 * Needs crane and the registry, both in the mirror too; without them, or without an image's own programs, there is
 * nothing to make, which is no error: a mirror may be filled bit by bit. `sums` are the mirror's.
 */
export async function makeLayouts(
  images: Image[],
  mirror: string,
  sums: Sums,
  tools: { crane: string; registry: string },
  { report, signal }: ImageOptions = {},
): Promise<Layout[]> {
  if (!(tools.crane in sums && tools.registry in sums)) return [];
  const possible = images.filter(image => Object.values(image.sources).every(path => path in sums));
  const layouts: Layout[] = [];
  for (const [index, image] of possible.entries()) {
    report?.({ phase: 'images', done: index, total: possible.length, text: image.name });
    layouts.push({ image, folder: await layoutOf(image, mirror, sums, tools, { report, signal }) });
  }
  return layouts;
}

/** Keyed by what is in it and by what makes it. */
function layoutOf(
  image: Image,
  mirror: string,
  sums: Sums,
  tools: { crane: string; registry: string },
  { report, signal }: ImageOptions,
): Promise<string> {
  const inputs = [tools.crane, ...Object.values(image.sources)].map(path => sums[path] ?? '');
  const absolute = Object.entries(image.sources).map(([path, source]) => [path, join(mirror, source)]);
  const programs = { crane: join(mirror, tools.crane), registry: join(mirror, tools.registry), signal };
  return cached({
    path: cacheFolder(
      'images',
      `${image.name}-${image.version}-${digestOf('2', JSON.stringify(image), ...inputs)}`,
    ),
    what: `image ${image.name}`,
    space: 2 ** 30,
    report,
    signal,
    changed: changedParts,
    make: draft =>
      withRegistry(programs, address =>
        makeImage(image, Object.fromEntries(absolute), address, draft, programs),
      ),
  });
}
