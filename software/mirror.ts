/**
 * The mirror: the folder of pinned software that the workstation serves to the machines.
 *
 *     <component>/<version>/<arch>/<program>   and SHA256SUMS beside them
 *     images/<name>/<version>/                 an OCI layout each
 *     SHA256SUMS                               over everything
 */
import { existsSync } from 'node:fs';
import { copyFile, link, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { KfsError } from '../runner/errors.ts';
import type { Built } from './build-all.ts';
import { cached, cacheFolder, digestOf, type Report } from './builder/cache.ts';
import { makeImage, withRegistry } from './image.ts';
import type { Image } from './image-list.ts';
import { mirrorPath } from './pinned.ts';
import { formatSums, readSums, type Sums, sha256 } from './sums.ts';

/** Puts builds and images into the mirror; what is there and right is left alone. */
export async function fillMirror(
  mirror: string,
  built: Built[],
  images: Image[],
  report: Report = () => {},
  signal?: AbortSignal,
): Promise<void> {
  for (const { component, folder, sums } of built) {
    for (const name of Object.keys(sums))
      await place(join(folder, name), join(mirror, mirrorPath(component, name)));
    await writeFile(join(mirror, mirrorPath(component, 'SHA256SUMS')), formatSums(sums));
  }
  for (const [index, image] of images.entries()) {
    report({ phase: 'images', done: index, total: images.length, text: image.name });
    const layout = await imageLayout(image, built, signal);
    await placeFolder(layout, join(mirror, 'images', image.name, image.version));
  }
  await writeFile(join(mirror, 'SHA256SUMS'), formatSums(await sumsBelow(mirror)));
}

/** The image as an OCI layout in the cache, keyed by what is in it. */
function imageLayout(image: Image, built: Built[], signal?: AbortSignal): Promise<string> {
  const sources: Record<string, string> = {};
  const inputs: string[] = [JSON.stringify(image)];
  for (const [path, source] of Object.entries(image.files)) {
    const [name = '', program = ''] = source.split('/');
    const build = find(built, name);
    sources[path] = join(build.folder, program);
    inputs.push(build.sums[program] ?? '');
  }
  const tools = { crane: program(built, 'crane'), registry: program(built, 'registry'), signal };
  return cached({
    path: cacheFolder('images', `${image.name}-${image.version}-${digestOf('1', ...inputs)}`),
    what: `image ${image.name}`,
    space: 2 ** 30,
    signal,
    make: draft =>
      withRegistry(tools, async address => {
        await makeImage(image, sources, address, draft, tools);
      }),
  });
}

function find(built: Built[], name: string): Built {
  const found = built.find(({ component }) => component.name === name);
  if (found) return found;
  throw new KfsError('software-invalid', `${name} is not built`, { next: `kfs software build ${name}` });
}

const program = (built: Built[], name: string): string => join(find(built, name).folder, name);

/** Hard-links where it can, copies where it must; never leaves a half file under the final name. */
async function place(source: string, target: string): Promise<void> {
  if (existsSync(target) && (await sha256(target)) === (await sha256(source))) return;
  await mkdir(dirname(target), { recursive: true });
  const draft = `${target}.draft`;
  await rm(draft, { force: true });
  await link(source, draft).catch(() => copyFile(source, draft));
  await rename(draft, target);
}

async function placeFolder(source: string, target: string): Promise<void> {
  for (const file of await filesBelow(source)) await place(join(source, file), join(target, file));
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter(entry => entry.isFile())
    .map(entry => relative(folder, join(entry.parentPath, entry.name)));
}

async function sumsBelow(mirror: string): Promise<Sums> {
  const sums: Sums = {};
  for (const file of await filesBelow(mirror)) {
    if (file !== 'SHA256SUMS' && !file.endsWith('.draft')) sums[file] = await sha256(join(mirror, file));
  }
  return sums;
}

/** Files of the mirror that are missing or not what its `SHA256SUMS` says; empty when all is well. */
export async function verifyMirror(mirror: string): Promise<string[]> {
  const sums = await readSums(join(mirror, 'SHA256SUMS'));
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
