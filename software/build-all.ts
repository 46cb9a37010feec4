/** Builds what is asked for, in an order that starts the long ones first, as many at once as memory and cores allow. */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { cpus, freemem } from 'node:os';
import { join } from 'node:path';
import { type BuildOptions, buildComponent } from './build.ts';
import { cacheFolder, needSpace } from './builder/cache.ts';
import { type Component, filesOf } from './component.ts';
import { buildFolder } from './inputs.ts';
import { assertPinned, inMirror } from './pinned.ts';
import { readSums, type Sums } from './sums.ts';

export interface Built {
  component: Component;
  folder: string;
  sums: Sums;
}

export interface BuildAllOptions extends Omit<BuildOptions, 'folder' | 'goCache'> {
  /** Do not compare with the pinned digests: for `kfs software pin`. */
  unpinned?: boolean;
  /** Another file of pinned digests. */
  pins?: string;
  /** How many at once; as many as this computer can take by default. */
  atOnce?: number;
}

/** Memory that one Go build may take at its worst (linking Kubernetes), and cores that it can use. */
const MEMORY = 5 * 2 ** 30;
const CORES = 4;

/** Room for each Go program that is to be built: its sources, what the compiler keeps of them, the result. */
const SPACE = 0.7 * 2 ** 30;

/** Asked for at once: to stop in the middle of Kubernetes for want of room would cost the reader half an hour. */
async function needSpaceForAll(components: Component[]): Promise<void> {
  const missing = components.filter(component => component.go && !existsSync(buildFolder(component)));
  const programs = missing.flatMap(filesOf).length;
  if (programs === 0) return;
  await mkdir(cacheFolder(), { recursive: true });
  await needSpace(cacheFolder(), programs * SPACE, `building ${programs} programs from source`);
}

/** When one fails the others are stopped, and nothing is left running when the promise rejects. */
export async function buildAll(components: Component[], options: BuildAllOptions): Promise<Built[]> {
  await needSpaceForAll(components);
  const queue = [...components].sort((a, b) => filesOf(b).length - filesOf(a).length);
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, ...(options.signal ? [options.signal] : [])]);
  const built: Built[] = [];
  const errors: unknown[] = [];
  const worker = async () => {
    for (let next = queue.shift(); next && !signal.aborted; next = queue.shift()) {
      const nth = `${components.length - queue.length} of ${components.length}: `;
      built.push(await buildOne(next, { ...options, signal }, components.length > 1 ? nth : ''));
    }
  };
  const guarded = () =>
    worker().catch(error => {
      errors.push(error);
      stop.abort(error);
    });
  await Promise.all(Array.from({ length: options.atOnce ?? parallel() }, guarded));
  options.signal?.throwIfAborted();
  if (errors.length > 0) throw errors[0];
  return built;
}

/** How many builds at once: each one alone keeps a few cores busy. */
export const parallel = (): number =>
  Math.max(1, Math.min(Math.floor(freemem() / MEMORY), Math.floor(cpus().length / CORES)));

async function buildOne(component: Component, options: BuildAllOptions, position: string): Promise<Built> {
  const report: BuildAllOptions['report'] = progress =>
    options.report?.({ ...progress, text: `${position}${progress.text}` });
  const folder = await buildComponent(component, { ...options, report });
  const sums = await readSums(join(folder, 'SHA256SUMS'));
  if (component.go && !options.unpinned) await assertPinned(inMirror(component, sums), options.pins);
  return { component, folder, sums };
}
