/**
 * The user's cache folder, and the one way in which something gets into it: made beside its final name, under
 * a lock, and renamed when it is whole. What has its final name was complete when it got it.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm, statfs } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { KfsError } from '../../runner/errors.ts';

/** What long work tells whoever waits for it; `done` of `total` in whatever unit the phase has. */
export interface Progress {
  phase: string;
  done: number;
  total: number;
  text: string;
}
export type Report = (progress: Progress) => void;

/** `$XDG_CACHE_HOME/kfs` or `~/.cache/kfs`, or a folder below it. */
export function cacheFolder(...parts: string[]): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'kfs', ...parts);
}

/** A short name for a set of inputs. */
export function digestOf(...inputs: (string | Buffer)[]): string {
  const hash = createHash('sha256');
  for (const input of inputs) hash.update(`${Buffer.byteLength(input)}\n`).update(input);
  return hash.digest('hex').slice(0, 16);
}

export interface Cached {
  /** The finished folder (or file). */
  path: string;
  /** What it is, for messages: "the builder". */
  what: string;
  /** Free space that making it needs, in bytes. */
  space: number;
  report?: Report;
  signal?: AbortSignal;
  /** Makes it at `draft`, which does not exist yet; leftovers of an interrupted try are gone. */
  make(draft: string): Promise<void>;
  /** Files of the finished thing that are missing or not what they were; if there are any, it is made again. */
  changed?(path: string): Promise<string[]>;
  /** Make it anew even if it is there: what is there keeps its name until the new one is whole. */
  fresh?: boolean;
  /** Removes a draft, where plain removal cannot (files of other users in a user namespace). */
  discard?(draft: string): Promise<void>;
}

/**
 * Returns the path of the finished thing; makes it first if it is not there, or not as it was made. Safe to call from
 * two processes.
 */
export async function cached(options: Cached): Promise<string> {
  const { path, what, fresh } = options;
  const discard = options.discard ?? (folder => rm(folder, { recursive: true, force: true }));
  const changed = async () => (await options.changed?.(path)) ?? [];
  if (!fresh && existsSync(path) && (await changed()).length === 0) return path;
  await mkdir(dirname(path), { recursive: true });
  const lock = await takeLock(`${path}.lock`, what, options);
  try {
    await endReplacing(path);
    if (!fresh && existsSync(path)) {
      const wrong = await changed();
      if (wrong.length === 0) return path;
      const text = `${what} is made again: ${wrong.join(', ')} changed since it was made`;
      options.report?.({ phase: 'damaged', done: 0, total: 1, text });
      await discard(path);
    }
    await needSpace(dirname(path), options.space, what);
    const draft = beside(path, 'draft');
    if (existsSync(draft)) await discard(draft);
    await options.make(draft);
    options.signal?.throwIfAborted();
    await replace(path, draft, discard);
    return path;
  } finally {
    await lock.release();
  }
}

const beside = (path: string, kind: 'draft' | 'old'): string =>
  join(dirname(path), `.${basename(path)}.${kind}`);

/** A folder cannot be renamed over another one: what was there steps aside first. */
async function replace(
  path: string,
  draft: string,
  discard: (folder: string) => Promise<void>,
): Promise<void> {
  const old = beside(path, 'old');
  if (existsSync(old)) await discard(old);
  if (existsSync(path)) await rename(path, old);
  await rename(draft, path);
  if (existsSync(old)) await discard(old);
}

/** What stepped aside comes back when the work ended before the new one had its name. */
async function endReplacing(path: string): Promise<void> {
  const old = beside(path, 'old');
  if (existsSync(old) && !existsSync(path)) await rename(old, path);
}

/** Refuses early instead of failing half-way; `next` says where room for these `bytes` comes from. */
export async function needSpace(
  folder: string,
  bytes: number,
  what: string,
  next = 'make room there, or set XDG_CACHE_HOME to a folder on a larger disk',
): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize >= bytes) return;
  const gib = (n: number) => `${(n / 2 ** 30).toFixed(1)} GiB`;
  throw new KfsError(
    'disk-full',
    `${what} needs ${gib(bytes)} in ${folder}, ${gib(bavail * bsize)} are free`,
    { next },
  );
}

export interface Lock {
  release(): Promise<void>;
}

/**
 * An exclusive lock, kept by the kernel on a file that stays: it ends with its owner, however that ends. The lock
 * belongs to our open file, on which the program `flock` takes it for us.
 */
export async function takeLock(
  file: string,
  what: string,
  options: { report?: Report; signal?: AbortSignal } = {},
): Promise<Lock> {
  const handle = await open(file, 'a');
  try {
    for (let told = false; !holds(handle.fd); told = true) {
      if (!told)
        options.report?.({ phase: 'wait', done: 0, total: 1, text: `another process makes ${what}` });
      await sleep(300, undefined, { signal: options.signal });
    }
    return { release: () => handle.close() };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** The same lock, shared with others who share it: undefined at once while somebody has it for himself. */
export async function shareLock(file: string): Promise<Lock | undefined> {
  const handle = await open(file, 'a');
  if (holds(handle.fd, '--shared')) return { release: () => handle.close() };
  await handle.close();
  return undefined;
}

function holds(fd: number, how: '--shared' | '--exclusive' = '--exclusive'): boolean {
  const { status, error } = spawnSync('flock', ['-n', how, '3'], {
    stdio: ['ignore', 'ignore', 'ignore', fd],
  });
  if (!error) return status === 0;
  throw new KfsError('host-unsupported', 'the program flock (of util-linux) is not there', { cause: error });
}

/** Clock ticks after boot at which a process started: with its number, its identity. Empty if there is none. */
export async function startTime(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}
