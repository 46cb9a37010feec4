/**
 * Puts a saved state back. Everything is copied first, to one folder; then a list says what goes where, and from then
 * on a restore that is killed is finished by the next. Until then nothing else works with the lab, so nobody meets
 * disks of then with a journal of now.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { KfsError } from '../runner/errors.ts';
import { replaceFile } from '../software/place.ts';
import { copySparse, diskUse, needLabSpace } from './disks.ts';
import type { LabPaths } from './paths.ts';
import { checkName, listSaves, type Manifest } from './saves.ts';

/** What is left to do of a restore: names in the folder of drafts, and absolute paths. */
interface Moves {
  /** Of the saved state. */
  name: string;
  moves: { draft: string; to: string }[];
  remove: string[];
}

const listOf = (paths: LabPaths): string => join(paths.restoring, 'moves.json');

/**
 * Puts the disks back as they were saved. What was saved with them comes back too, to where it was, or to `folders` in
 * the order of saving. `present` is what there is now of the state around the lab: of it goes, after a save of the
 * whole state, what was not there then.
 */
export async function restore(
  paths: LabPaths,
  name: string,
  folders: string[] = [],
  present: string[] = [],
): Promise<void> {
  const source = join(paths.saves, name);
  const manifest = await manifestOf(paths, name);
  const places = manifest.folders.map(folder => resolve(paths.root, folder));
  if (folders.length > 0 && folders.length !== manifest.folders.length) {
    const count = manifest.folders.length;
    throw new KfsError('usage', `${name} was saved with ${count} folders, ${folders.length} are named`, {
      next: `name ${count}, or none to put them back where they were`,
    });
  }
  const copies = [
    { from: join(source, 'machines'), to: paths.machines },
    ...places.map((place, index) => ({
      from: join(source, 'with', String(index)),
      to: folders[index] ? resolve(folders[index]) : place,
    })),
  ];
  const spec = join(source, basename(paths.spec));
  if (existsSync(spec)) copies.push({ from: spec, to: paths.spec });
  const whole = manifest.whole && folders.length === 0;
  const remove = whole ? present.filter(path => !places.includes(resolve(path))) : [];
  await finishRestore(paths);
  await needLabSpace(paths.root, await diskUse(copies.map(({ from }) => from)), `restoring ${name}`);
  try {
    await prepare(paths, { name, copies, remove });
  } catch (error) {
    await rm(paths.restoring, { recursive: true, force: true });
    throw error;
  }
  await finishRestore(paths);
}

async function manifestOf(paths: LabPaths, name: string): Promise<Manifest> {
  checkName(name);
  const text = await readFile(join(paths.saves, name, 'save.json'), 'utf8').catch(() => undefined);
  if (text) return JSON.parse(text) as Manifest;
  const known = (await listSaves(paths)).join(', ') || 'none';
  throw new KfsError('lab-failed', `there is no saved state ${name}`, { next: `saved are: ${known}` });
}

/** The list comes last: once it is there, all copies are whole. */
async function prepare(
  paths: LabPaths,
  { name, copies, remove }: { name: string; copies: { from: string; to: string }[]; remove: string[] },
): Promise<void> {
  await mkdir(paths.restoring, { recursive: true });
  const moves: Moves['moves'] = [];
  for (const [index, { from, to }] of copies.entries()) {
    const draft = String(index);
    await copySparse(from, join(paths.restoring, draft));
    moves.push({ draft, to });
  }
  await replaceFile(listOf(paths), JSON.stringify({ name, moves, remove } satisfies Moves));
}

async function pending(paths: LabPaths): Promise<Moves | undefined> {
  const text = await readFile(listOf(paths), 'utf8').catch(() => undefined);
  return text ? (JSON.parse(text) as Moves) : undefined;
}

/** Removes what a killed restore has prepared. Throws when it was killed later: the state is half of then. */
export async function forgetRestore(paths: LabPaths): Promise<void> {
  const half = await pending(paths);
  if (half) {
    throw new KfsError('lab-failed', `the restore of ${half.name} ended before everything was in its place`, {
      next: `kfs lab restore ${half.name} does it to the end`,
    });
  }
  await rm(paths.restoring, { recursive: true, force: true });
}

/** Of a restore that was killed: what was prepared to the end is put in place, anything less is removed. */
async function finishRestore(paths: LabPaths): Promise<void> {
  const { moves, remove } = (await pending(paths)) ?? { moves: [], remove: [] };
  for (const path of remove) await rm(path, { recursive: true, force: true });
  for (const { draft, to } of moves) await put(join(paths.restoring, draft), to);
  await rm(listOf(paths), { force: true });
  await rm(paths.restoring, { recursive: true, force: true });
}

/** A draft that is gone is in its place already. */
async function put(draft: string, to: string): Promise<void> {
  if (!existsSync(draft)) return;
  await mkdir(dirname(to), { recursive: true });
  await rm(to, { recursive: true, force: true });
  await rename(draft, to).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EXDEV') throw error;
    return copySparse(draft, to); // a folder on another file system
  });
}
