/**
 * The only code here that writes. Every file is written whole, to the disk, under another name, and then
 * takes its own name in one operation: killed at any moment, a file is there complete or not there at all.
 */
import {
  chmodSync,
  closeSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { KfsError } from '../errors.ts';

export const has = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

/** Text of a file, or undefined where there is none. */
export const readIf = (path: string): string | undefined =>
  has(path) ? readFileSync(path, 'utf8') : undefined;

//#region write
/** Makes the file unless it is there. Two programs that try at once agree: the second finds the first one's. */
export function create(path: string, content: string): void {
  finish(path, content, temporary => {
    try {
      linkSync(temporary, path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    rmSync(temporary);
  });
}

/** Puts the new content in the place of the old, if any. */
export function replace(path: string, content: string): void {
  finish(path, content, temporary => renameSync(temporary, path));
}

function finish(path: string, content: string, take: (temporary: string) => void): void {
  const folder = dirname(path);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const temporary = join(folder, `.${basename(path)}.${process.pid}.part`);
    rmSync(temporary, { force: true });
    writeFileSync(temporary, content, { flag: 'wx', mode: 0o600, flush: true });
    take(temporary);
    const entry = openSync(folder, 'r');
    fsyncSync(entry);
    closeSync(entry);
  } catch (error) {
    throw unwritable(path, error);
  }
}
//#endregion

function unwritable(path: string, cause: unknown): unknown {
  const { code, message } = cause as NodeJS.ErrnoException;
  const full = code === 'ENOSPC' || code === 'EDQUOT';
  if (full)
    return new KfsError('disk-full', `no space left to write ${path}`, {
      cause,
      next: 'make space, then run this again',
    });
  if (code === undefined) return cause;
  return new KfsError('pki-refused', `cannot write ${path}: ${message}`, {
    cause,
    next: 'mend the permissions, then run this again',
  });
}

/** Every file below a folder, with its mode, as paths relative to it; sorted. Links are not followed. */
export function filesBelow(folder: string, below = ''): string[] {
  if (!has(join(folder, below))) return [];
  return readdirSync(join(folder, below), { withFileTypes: true })
    .flatMap(entry => {
      const path = join(below, entry.name);
      return entry.isDirectory() ? filesBelow(folder, path) : [path];
    })
    .sort();
}

/** Takes away every right of group and others, and what a killed run left half-written. */
export function tidy(folder: string): { file: string; why: string }[] {
  const [drafts, files] = partition(filesBelow(folder), file => DRAFT.test(basename(file)));
  const left = drafts.filter(file => !alive(Number(DRAFT.exec(basename(file))?.[1])));
  for (const file of left) rmSync(join(folder, file), { force: true });
  const folders = [...new Set(['.', ...files.flatMap(ancestors)])].filter(path =>
    narrow(join(folder, path), 0o700),
  );
  const wide = files.filter(path => narrow(join(folder, path), 0o600));
  return [
    ...left.map(file => ({ file, why: 'removed: half-written by a run that was killed' })),
    ...folders.map(file => ({ file, why: 'mode set to 0700' })),
    ...wide.map(file => ({ file, why: 'mode set to 0600' })),
  ];
}

/** Written, and not yet under its own name; by whom. */
const DRAFT = /^\..*\.(\d+)\.part(?:\.pub)?$/;

const partition = (items: string[], goesFirst: (item: string) => boolean): [string[], string[]] => [
  items.filter(goesFirst),
  items.filter(item => !goesFirst(item)),
];

/** False when there was nothing to change. */
function narrow(path: string, mode: number): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat || stat.isSymbolicLink() || (stat.mode & 0o777) === mode) return false;
  chmodSync(path, mode);
  return true;
}

const ancestors = (path: string): string[] =>
  path.includes('/') ? [...ancestors(dirname(path)), dirname(path)] : [];

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
