/**
 * Saved states of a lab: the disks of all machines, together with folders that the caller names (a journal, keys).
 * Only a lab whose machines are off is saved or restored, so that the disks are whole.
 */
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { KfsError } from '../runner/errors.ts';
import { needSpace } from '../software/builder/cache.ts';
import { allocated, copySparse } from './disks.ts';
import type { LabPaths } from './paths.ts';

interface Manifest {
  saved: string;
  /** Folders as they were named, absolute; the n-th is kept as `with/n`. */
  folders: string[];
}

/** Copies what is there to `<saves>/<name>`; an older save of that name is replaced when the new one is whole. */
export async function save(paths: LabPaths, name: string, folders: string[] = []): Promise<void> {
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
  await needSpace(paths.saves, await diskUse(paths.machines), `saving ${name}`);
  await copySparse(paths.machines, join(draft, 'machines'));
  for (const [index, folder] of from.entries()) await copySparse(folder, join(draft, 'with', String(index)));
  if (existsSync(paths.spec)) await copySparse(paths.spec, join(draft, basename(paths.spec)));
  const manifest: Manifest = { saved: new Date().toISOString(), folders: from };
  await writeFile(join(draft, 'save.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  await rm(target, { recursive: true, force: true });
  await rename(draft, target);
}

/**
 * Puts the disks back as they were saved. Folders that were saved with them come back too, to where they were, or
 * to `folders` in the order of saving.
 */
export async function restore(paths: LabPaths, name: string, folders: string[] = []): Promise<void> {
  checkName(name);
  const source = join(paths.saves, name);
  const text = await readFile(join(source, 'save.json'), 'utf8').catch(() => undefined);
  if (!text) {
    const known = (await listSaves(paths)).join(', ') || 'none';
    throw new KfsError('lab-failed', `there is no saved state ${name}`, { next: `saved are: ${known}` });
  }
  const manifest = JSON.parse(text) as Manifest;
  if (folders.length > 0 && folders.length !== manifest.folders.length) {
    const count = manifest.folders.length;
    throw new KfsError('usage', `${name} was saved with ${count} folders, ${folders.length} are named`, {
      next: `name ${count}, or none to put them back where they were`,
    });
  }
  await copySparse(join(source, 'machines'), paths.machines);
  for (const [index, folder] of manifest.folders.entries()) {
    await copySparse(join(source, 'with', String(index)), folders[index] ? resolve(folders[index]) : folder);
  }
  if (existsSync(join(source, basename(paths.spec))))
    await copySparse(join(source, basename(paths.spec)), paths.spec);
}

export async function listSaves(paths: LabPaths): Promise<string[]> {
  const names = await readdir(paths.saves).catch(() => []);
  return names.filter(name => existsSync(join(paths.saves, name, 'save.json'))).sort();
}

function checkName(name: string): void {
  if (/^[a-z0-9][a-z0-9._-]{0,62}$/i.test(name)) return;
  throw new KfsError('usage', `${JSON.stringify(name)} cannot be the name of a saved state`, {
    next: 'use letters, digits, dots and dashes',
  });
}

const missing = (folder: string): KfsError =>
  new KfsError('usage', `there is no folder ${folder} to save with the disks`, {
    next: 'check the path given to --with',
  });

async function diskUse(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = entries
    .filter(entry => entry.isFile())
    .map(entry => allocated(join(entry.parentPath, entry.name)));
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
