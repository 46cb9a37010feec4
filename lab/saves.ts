/**
 * Saved states of a lab: the disks of all machines, together with folders that the caller names (a journal, keys).
 * Only a lab whose machines are off is saved or restored, so that the disks are whole.
 */
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { KfsError } from '../runner/errors.ts';
import { copySparse, diskUse, needLabSpace } from './disks.ts';
import type { LabPaths } from './paths.ts';

export interface Manifest {
  /** ISO 8601. */
  saved: string;
  /** Folders and files that were named, absolute, or of a whole state from the lab's folder; the n-th is `with/n`. */
  folders: string[];
  /** They were all that there was of the state around the lab. */
  whole?: boolean;
}

/** Copies what is there to `<saves>/<name>`; an older save of that name is replaced when the new one is whole. */
export async function save(
  paths: LabPaths,
  name: string,
  folders: string[] = [],
  whole = false,
): Promise<void> {
  checkName(name);
  const from = folders.map(folder => resolve(folder));
  for (const folder of from) if (!existsSync(folder)) throw missing(folder);
  if (!existsSync(paths.machines)) {
    throw new KfsError('lab-failed', 'there is nothing to save: this lab has no machines yet', {
      next: 'kfs lab up',
    });
  }
  const target = join(paths.saves, name);
  const draft = join(paths.saves, `.${name}.draft`);
  await rm(draft, { recursive: true, force: true });
  await mkdir(join(draft, 'with'), { recursive: true });
  await needLabSpace(paths.saves, await diskUse([paths.machines, ...from]), `saving ${name}`);
  await copySparse(paths.machines, join(draft, 'machines'));
  for (const [index, folder] of from.entries()) await copySparse(folder, join(draft, 'with', String(index)));
  if (existsSync(paths.spec)) await copySparse(paths.spec, join(draft, basename(paths.spec)));
  const names = whole ? from.map(folder => relative(paths.root, folder)) : from;
  const manifest: Manifest = {
    saved: new Date().toISOString(),
    folders: names,
    ...(whole ? { whole } : {}),
  };
  await writeFile(join(draft, 'save.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  await rm(target, { recursive: true, force: true });
  await rename(draft, target);
}

/** Removes what a save that was killed has left, and what a restore used to leave. */
export async function removeSaveDrafts(paths: LabPaths): Promise<void> {
  await rm(`${paths.machines}.new`, { recursive: true, force: true });
  const names = await readdir(paths.saves).catch(() => []);
  for (const name of names.filter(entry => /^\..*\.draft$/.test(entry))) {
    await rm(join(paths.saves, name), { recursive: true, force: true });
  }
}

export async function listSaves(paths: LabPaths): Promise<string[]> {
  const names = await readdir(paths.saves).catch(() => []);
  return names.filter(name => existsSync(join(paths.saves, name, 'save.json'))).sort();
}

export function checkName(name: string): void {
  if (/^[a-z0-9][a-z0-9._-]{0,62}$/i.test(name)) return;
  throw new KfsError('usage', `${JSON.stringify(name)} cannot be the name of a saved state`, {
    next: 'use letters, digits, dots and dashes',
  });
}

const missing = (folder: string): KfsError =>
  new KfsError('usage', `there is no folder or file ${folder} to save with the disks`, {
    next: 'check the path given to --with',
  });
