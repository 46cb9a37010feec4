/** Disks are sparse files: they cost what is written to them, and a copy costs what is in them. */
import { existsSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, truncate } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { KfsError } from '../runner/errors.ts';
import { needSpace } from '../software/builder/cache.ts';
import { run } from '../software/builder/process.ts';
import { type LabPaths, type MachinePaths, machinePaths } from './paths.ts';
import type { LabMachine, LabPlan, LabSettings } from './spec.ts';

const GIB = 2 ** 30;

/** Makes the disks of a machine that are not there yet. An empty system disk is filled from `clone`, if given. */
export async function ensureDisks(
  machine: LabMachine,
  files: MachinePaths,
  settings: LabSettings,
  clone?: string,
): Promise<void> {
  await mkdir(files.root, { recursive: true });
  for (let index = 0; index <= machine.data.length; index++) {
    const file = files.disk(index);
    if (existsSync(file)) continue;
    const size = (index === 0 ? settings.disk : settings.data) * GIB;
    if (index === 0 && clone) await copyDisk(clone, file, size);
    else await blank(file, size);
  }
}

/** The size of a disk is that of the day it was made: throws when another one is asked for, and a disk is there. */
export function refuseOtherSizes(
  paths: LabPaths,
  plan: LabPlan,
  before: LabSettings | undefined,
  given: Partial<LabSettings>,
): void {
  for (const kind of ['disk', 'data'] as const) {
    if (!before || given[kind] === undefined || given[kind] === before[kind]) continue;
    const has = plan.machines.filter(({ name, data }) => {
      const indexes = kind === 'disk' ? [0] : data.map((_, index) => index + 1);
      return indexes.some(index => existsSync(machinePaths(paths, name).disk(index)));
    });
    if (has.length === 0) continue;
    const names = has.map(({ name }) => name).join(', ');
    const message = `--${kind} ${given[kind]}: the disks of ${names} are there, made for ${before[kind]} GiB`;
    throw new KfsError('refused', message, {
      next: `leave --${kind} away to keep them, or begin anew: kfs lab down --erase`,
    });
  }
}

/** A copy with at least this size. */
async function copyDisk(from: string, to: string, size: number): Promise<void> {
  await copySparse(from, `${to}.copy`);
  if ((await stat(`${to}.copy`)).size < size) await truncate(`${to}.copy`, size);
  await rename(`${to}.copy`, to);
}

/** As from the factory: all zero. */
export async function blank(file: string, size: number): Promise<void> {
  const draft = `${file}.new`;
  const handle = await open(draft, 'w');
  await handle.truncate(size);
  await handle.close();
  await rename(draft, file);
}

/** Copies a file or a folder keeping the holes; by reference where the file system can. Whole or not at all. */
export async function copySparse(from: string, to: string): Promise<void> {
  const draft = `${to}.new`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(dirname(to), { recursive: true });
  try {
    await run(['cp', '-a', '--sparse=always', '--reflink=auto', from, draft], { what: `copying ${from}` });
    await rm(to, { recursive: true, force: true });
    await rename(draft, to);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  }
}

/** Bytes that a file really takes. */
export async function allocated(file: string): Promise<number> {
  return (await stat(file)).blocks * 512;
}

/** Bytes that files and folders really take, together; what is not there takes none. */
export async function diskUse(paths: string[]): Promise<number> {
  const sizes = await Promise.all(paths.filter(existsSync).map(useOf));
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function useOf(path: string): Promise<number> {
  if (!(await stat(path)).isDirectory()) return allocated(path);
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name));
  return (await Promise.all(files.map(allocated))).reduce((sum, size) => sum + size, 0);
}

/** Refuses with `disk-full` when the file system of `folder`, which is of the lab, has not so many bytes left. */
export const needLabSpace = (folder: string, bytes: number, what: string): Promise<void> =>
  needSpace(
    folder,
    bytes,
    what,
    'make room on the disk of that folder, or keep the lab elsewhere: kfs --state DIR',
  );
