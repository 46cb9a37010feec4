/** Looks at a mirror: what it holds, and whether that is what its `SHA256SUMS` says. */
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { KfsError } from '../runner/errors.ts';
import { filesBelow } from './place.ts';
import { readSums, type Sums, sha256 } from './sums.ts';

export const mirrorSums = (mirror: string): Promise<Sums> => readSums(join(mirror, 'SHA256SUMS'));

/** Throws `software-invalid` when there is none. */
export function assertMirror(mirror: string): string {
  if (existsSync(mirror)) return mirror;
  throw missing(mirror);
}

const missing = (mirror: string): KfsError =>
  new KfsError('software-invalid', `there is no mirror in ${mirror}`, { next: 'kfs software build' });

export interface WrongFile {
  /** Path in the mirror. */
  file: string;
  why: 'is missing' | 'is not what SHA256SUMS says';
}

/** Files of the mirror that are missing or not what its `SHA256SUMS` says; empty when all is well. */
export async function verifyMirror(mirror: string): Promise<WrongFile[]> {
  const sums = await mirrorSums(mirror);
  if (Object.keys(sums).length === 0) throw missing(mirror);
  const wrong: WrongFile[] = [];
  for (const [file, hex] of Object.entries(sums)) {
    const path = join(mirror, file);
    if (!existsSync(path)) wrong.push({ file, why: 'is missing' });
    else if ((await sha256(path)) !== hex) wrong.push({ file, why: 'is not what SHA256SUMS says' });
  }
  return wrong;
}

export interface Shelf {
  /** `etcd/3.7.3/amd64`, `images/pause/1.0.0`. */
  path: string;
  /** Programs; none for an image, whose files are named by digests. */
  files: string[];
  bytes: number;
}

/** What the mirror holds, by folder of a version. */
export async function listMirror(mirror: string): Promise<Shelf[]> {
  const shelves = new Map<string, Shelf>();
  for (const file of await filesBelow(assertMirror(mirror))) {
    const parts = file.split('/');
    if (parts.length < 4) continue;
    const path = parts.slice(0, 3).join('/');
    const shelf = shelves.get(path) ?? { path, files: [], bytes: 0 };
    shelves.set(path, shelf);
    shelf.bytes += (await stat(join(mirror, file))).size;
    if (parts[0] !== 'images' && parts[3] !== 'SHA256SUMS') shelf.files.push(parts.slice(3).join('/'));
  }
  return [...shelves.values()];
}
