/** Builds what is asked for, in an order that starts the long ones first, as many at once as memory and cores allow. */
import { cpus, freemem } from 'node:os';
import { join } from 'node:path';
import type { Builder } from './builder/builder.ts';
import type { Report } from './builder/cache.ts';
import type { Component } from './component.ts';
import { buildComponent } from './go-build.ts';
import { assertPinned } from './pinned.ts';
import { readSums, type Sums } from './sums.ts';

export interface Built {
  component: Component;
  folder: string;
  sums: Sums;
}

export interface BuildAllOptions {
  builder: Builder;
  report?: Report;
  signal?: AbortSignal;
  /** Do not compare with the pinned digests: for `kfs software pin`. */
  unpinned?: boolean;
}

/** Memory that one Go build may take at its worst (linking Kubernetes), and cores that it can use. */
const MEMORY = 5 * 2 ** 30;
const CORES = 4;

export async function buildAll(components: Component[], options: BuildAllOptions): Promise<Built[]> {
  const queue = [...components].sort((a, b) => weight(b) - weight(a));
  const built: Built[] = [];
  const worker = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) built.push(await buildOne(next, options));
  };
  await Promise.all(Array.from({ length: parallel() }, worker));
  return built;
}

/** How many builds at once: each one alone keeps a few cores busy. */
export const parallel = (): number =>
  Math.max(1, Math.min(Math.floor(freemem() / MEMORY), Math.floor(cpus().length / CORES)));

/** Longest first, by the number of programs: a good enough guess. */
const weight = (component: Component): number => Object.keys(component.go.programs).length;

async function buildOne(component: Component, options: BuildAllOptions): Promise<Built> {
  const folder = await buildComponent(component, options);
  const sums = await readSums(join(folder, 'SHA256SUMS'));
  if (!options.unpinned) await assertPinned(component, sums);
  return { component, folder, sums };
}
