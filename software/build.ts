/** Makes one component: in the cache, whole or not at all, with a log that stays when it fails. */
import { createWriteStream } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KfsError } from '../runner/errors.ts';
import type { Builder } from './builder/builder.ts';
import { cached, type Report } from './builder/cache.ts';
import { type Component, filesOf } from './component.ts';
import { takeFromDebian } from './debian-files.ts';
import { buildGo } from './go-build.ts';
import { buildFolder } from './inputs.ts';
import { changedFiles, formatSums, sumsOf } from './sums.ts';

export interface BuildOptions {
  /** Asked for when something has to be built, and not before. */
  builder(): Promise<Builder>;
  report?: Report;
  signal?: AbortSignal;
  /** Go's build cache; a test of reproducibility gives a fresh one. */
  goCache?: string;
  /** Where it is built; a test of reproducibility gives another. Default: the cache. */
  folder?: string;
}

/** What a recipe gets to work with. */
export interface Work {
  component: Component;
  builder: Builder;
  /** The files go here. */
  draft: string;
  report: Report;
  signal?: AbortSignal;
  goCache?: string;
  /** Writes a line to the log. */
  log(line: string): void;
}

/** Free space that a component needs while it is built, for each of its programs: sources, objects, result. */
const SPACE = 2 ** 30;

/**
 * Returns the folder of the finished build. Builds it first if it is not there, and again if its files are not what
 * its own `SHA256SUMS` says.
 */
export function buildComponent(component: Component, options: BuildOptions): Promise<string> {
  const folder = options.folder ?? buildFolder(component);
  return cached({
    path: folder,
    what: `${component.name} ${component.version}`,
    space: SPACE * filesOf(component).length,
    report: options.report,
    signal: options.signal,
    changed: changedFiles,
    make: draft => make(component, draft, `${folder}.log`, options),
  });
}

async function make(component: Component, draft: string, logFile: string, options: BuildOptions) {
  const { report = () => {}, signal, goCache } = options;
  const builder = await options.builder();
  await mkdir(draft, { recursive: true });
  const file = createWriteStream(logFile);
  const log = (line: string) => void file.write(`${line}\n`);
  try {
    const work = { component, builder, draft, report, signal, goCache, log };
    await (component.go ? buildGo(work, component.go) : takeFromDebian(work, component.debian!));
  } catch (error) {
    throw namingLog(error, logFile);
  } finally {
    await new Promise(resolve => file.end(resolve));
  }
  const files = filesOf(component);
  for (const name of files) await chmod(join(draft, name), 0o755);
  await writeFile(join(draft, 'SHA256SUMS'), formatSums(await sumsOf(draft, files)));
}

function namingLog(error: unknown, logFile: string): unknown {
  if (!(error instanceof KfsError) || error.code !== 'software-invalid') return error;
  return new KfsError(error.code, error.message, {
    cause: error,
    next: `the whole log is ${logFile}; start it again, it goes on from what is complete`,
  });
}
