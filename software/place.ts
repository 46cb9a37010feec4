/** Puts files into the mirror without ever leaving half of one under its final name. */
import { copyFile, link, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { sha256 } from './sums.ts';

/** Hard-links where it can, copies where it must. What is there and the same is left alone. */
export async function place(source: string, target: string): Promise<void> {
  if (await same(source, target)) return;
  await mkdir(dirname(target), { recursive: true });
  const draft = join(dirname(target), `.${basename(target)}.draft`);
  await rm(draft, { force: true });
  await link(source, draft).catch(() => copyFile(source, draft));
  await rename(draft, target);
}

/** Never writes into a file that may be a second name of one in the cache. */
export async function replaceFile(file: string, text: string): Promise<void> {
  const draft = join(dirname(file), `.${basename(file)}.draft`);
  await rm(draft, { force: true });
  await writeFile(draft, text);
  await rename(draft, file);
}

async function same(source: string, target: string): Promise<boolean> {
  const there = await stat(target).catch(() => undefined);
  if (!there) return false;
  const here = await stat(source);
  if (here.ino === there.ino && here.dev === there.dev) return true;
  return here.size === there.size && (await sha256(source)) === (await sha256(target));
}

/** Paths of all files below a folder, relative to it, sorted; without those that begin with a dot. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter(entry => entry.isFile() && !entry.name.startsWith('.'))
    .map(entry => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}
