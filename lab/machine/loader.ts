/**
 * The boot loader's part, for the backend that has no firmware: reads the same entries from the EFI system
 * partition that systemd-boot reads, and takes arguments and initrd from the first of them, so that the disk
 * decides how it is booted. The kernel is not taken: User-mode Linux is its own.
 */
import { execFile } from 'node:child_process';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { KfsError } from '../../runner/errors.ts';

const run = promisify(execFile);
const ESP = 'c12a7328-f81f-11d2-ba4b-00a0c93ec93b';
const SECTOR = 512;
const NO_ESP = 'there is no EFI system partition';

export interface Entry {
  sortKey: string;
  initrd?: string;
  options: string;
}

/** `next`: what to do with a disk from which nothing can be started. */
export async function loaderEntry(
  disk: string,
  scratch: string,
  next: string,
): Promise<{ initrd?: string; args: string }> {
  try {
    const image = `${disk}@@${await espOffset(disk)}`;
    const tool = async (...argv: string[]) => {
      const env = { ...process.env, MTOOLS_SKIP_CHECK: '1' };
      const [program, ...rest] = argv;
      return (await run(program!, ['-i', image, ...rest], { env, maxBuffer: 2 ** 20 })).stdout;
    };
    const names = (await tool('mdir', '-b', '::/loader/entries')).match(/[^/\s]+\.conf/gi) ?? [];
    const entries = await Promise.all(
      names.map(async name => parseEntry(await tool('mtype', `::/loader/entries/${name}`))),
    );
    const entry = entries.sort((a, b) => a.sortKey.localeCompare(b.sortKey))[0];
    if (!entry) throw new Error('no entries in /loader/entries');
    if (!entry.initrd) return { args: entry.options };
    await mkdir(scratch, { recursive: true });
    const initrd = join(scratch, 'initrd');
    await rm(initrd, { force: true });
    await tool('mcopy', `::${entry.initrd}`, initrd);
    return { initrd, args: entry.options };
  } catch (error) {
    throw new KfsError(
      'lab-failed',
      `the boot loader's files on ${disk} cannot be read: ${(error as Error).message}`,
      { next, cause: error },
    );
  }
}

/** A boot loader entry: `key value` lines. */
export function parseEntry(text: string): Entry {
  const value = (key: string) => text.match(new RegExp(`^${key}[ \\t]+(.*?)\\s*$`, 'm'))?.[1];
  const initrd = value('initrd');
  return {
    sortKey: value('sort-key') ?? '~',
    options: value('options') ?? '',
    ...(initrd ? { initrd } : {}),
  };
}

/** Where the EFI system partition of a GPT disk begins, in bytes. */
export async function espOffset(disk: string): Promise<number> {
  const handle = await open(disk, 'r');
  try {
    const { buffer } = await handle.read(Buffer.alloc(64 * SECTOR), 0, 64 * SECTOR, 0);
    if (buffer.toString('latin1', SECTOR, SECTOR + 8) !== 'EFI PART') throw new Error(NO_ESP);
    const table = Number(buffer.readBigUInt64LE(SECTOR + 72)) * SECTOR;
    const count = buffer.readUInt32LE(SECTOR + 80);
    const size = buffer.readUInt32LE(SECTOR + 84);
    for (let index = 0; index < count; index++) {
      const at = table + index * size;
      if (at + size > buffer.length) break;
      if (guidAt(buffer, at) === ESP) return Number(buffer.readBigUInt64LE(at + 32)) * SECTOR;
    }
    throw new Error(NO_ESP);
  } finally {
    await handle.close();
  }
}

/** A GUID as it is written: its first three fields are little endian on disk. */
function guidAt(bytes: Buffer, at: number): string {
  const hex = (from: number, to: number) => bytes.toString('hex', at + from, at + to);
  const swapped = (from: number, to: number) =>
    Buffer.from(bytes.subarray(at + from, at + to))
      .reverse()
      .toString('hex');
  return [swapped(0, 4), swapped(4, 6), swapped(6, 8), hex(8, 10), hex(10, 16)].join('-');
}
