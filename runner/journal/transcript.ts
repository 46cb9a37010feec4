/**
 * What a step printed: `<run>.raw` holds the bytes as they came, `<run>.timing` when and how many. The first
 * line of the timing is a header, each further one `[seconds since the start, "o", bytes]` or
 * `[seconds, "r", "COLUMNSxROWS"]`, so that one file beside the other replays as a terminal.
 */
import { createHash, type Hash } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
  statSync,
  writeSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { StatePaths } from '../state.ts';
import { guarded } from './journal.ts';

export interface TimingHeader {
  /** Milliseconds since the epoch. */
  startedAt: number;
  columns: number;
  rows: number;
}
export type TimingLine =
  | [seconds: number, type: 'o', bytes: number]
  | [seconds: number, type: 'r', size: string];

export const rawFile = (paths: StatePaths, run: string): string => join(paths.transcripts, `${run}.raw`);
export const timingFile = (paths: StatePaths, run: string): string =>
  join(paths.transcripts, `${run}.timing`);

const PIECE = 1024 * 1024;

/** Records one run. Opening it again goes on where it ended, however the last writer did. */
export class TranscriptWriter {
  #raw: number;
  #timing: number;
  #file: string;
  #timingFile: string;
  #length: number;
  #hash: Hash;
  #startedAt: number;

  constructor(paths: StatePaths, run: string, header: TimingHeader) {
    this.#file = rawFile(paths, run);
    const timing = timingFile(paths, run);
    this.#timingFile = timing;
    this.#raw = guarded(this.#file, () => openSync(this.#file, 'a+', 0o600));
    try {
      this.#timing = guarded(timing, () => openSync(timing, 'a+', 0o600));
    } catch (error) {
      closeSync(this.#raw);
      throw error;
    }
    const repaired = repairTiming(timing, this.#timing, header);
    this.#startedAt = repaired.header.startedAt;
    this.#hash = createHash('sha256');
    this.#length = this.#hashFile();
    if (this.#length > repaired.bytes) this.#time('o', this.#length - repaired.bytes);
  }

  /** Bytes recorded so far: the offset from which to follow. */
  get length(): number {
    return this.#length;
  }

  sha256(): string {
    return this.#hash.copy().digest('hex');
  }

  /** In the kernel when it returns: a killed runner loses none of it. Throws disk-full, keeping what fitted. */
  write(bytes: Uint8Array): void {
    let written = 0;
    try {
      while (written < bytes.length) {
        const count = guarded(this.#file, () => writeSync(this.#raw, bytes, written));
        this.#hash.update(bytes.subarray(written, written + count));
        this.#length += count;
        written += count;
      }
    } finally {
      if (written > 0) this.#time('o', written);
    }
  }

  resized(columns: number, rows: number): void {
    this.#time('r', `${columns}x${rows}`);
  }

  /** Begins anew: what is recorded differs from what the host has. */
  restart(): void {
    const header = readTimingText(readFileSync(this.#timingFile, 'utf8')).header;
    ftruncateSync(this.#raw, 0);
    ftruncateSync(this.#timing, 0);
    guarded(this.#file, () => writeSync(this.#timing, `${JSON.stringify(header)}\n`));
    this.#hash = createHash('sha256');
    this.#length = 0;
  }

  close(): void {
    closeSync(this.#raw);
    closeSync(this.#timing);
  }

  #time(type: 'o' | 'r', value: number | string): void {
    const seconds = Math.max(0, Date.now() - this.#startedAt) / 1000;
    guarded(this.#file, () => writeSync(this.#timing, `${JSON.stringify([seconds, type, value])}\n`));
  }

  #hashFile(): number {
    const buffer = Buffer.allocUnsafe(PIECE);
    const { size } = fstatSync(this.#raw);
    let offset = 0;
    while (offset < size) {
      const count = readSync(this.#raw, buffer, 0, Math.min(PIECE, size - offset), offset);
      if (count === 0) break;
      this.#hash.update(buffer.subarray(0, count));
      offset += count;
    }
    return offset;
  }
}

/** Writes the header of a new file, ends a half-written last line, and sums up the bytes that it tells of. */
function repairTiming(
  file: string,
  fd: number,
  header: TimingHeader,
): { header: TimingHeader; bytes: number } {
  const text = readFileSync(file, 'utf8');
  if (text !== '' && !text.endsWith('\n')) guarded(file, () => writeSync(fd, '\n'));
  const old = readTimingText(text);
  if (old.header) return { header: old.header, bytes: old.bytes };
  guarded(file, () => writeSync(fd, `${JSON.stringify(header)}\n`));
  return { header, bytes: 0 };
}

/** On the disk when it resolves: from then on the host need not keep its copy. */
export async function flushTranscript(paths: StatePaths, run: string): Promise<void> {
  for (const file of [rawFile(paths, run), timingFile(paths, run)]) {
    const handle = await open(file, 'r');
    await handle.sync().finally(() => handle.close());
  }
}

export interface Timing {
  header: TimingHeader | undefined;
  lines: TimingLine[];
  bytes: number;
}

export const readTiming = (paths: StatePaths, run: string): Timing =>
  readTimingText(readFileSync(timingFile(paths, run), 'utf8'));

function readTimingText(text: string): Timing {
  const timing: Timing = { header: undefined, lines: [], bytes: 0 };
  for (const line of text.split('\n')) {
    const value = parseLine(line);
    if (Array.isArray(value)) {
      timing.lines.push(value as TimingLine);
      if (value[1] === 'o') timing.bytes += value[2] as number;
    } else if (value && typeof value === 'object') timing.header ??= value as TimingHeader;
  }
  return timing;
}

/** A line that a killed runner left half written counts for nothing. */
function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** Bytes of a transcript, what is there now: at most `length` from `offset` on. Nothing for an unknown run. */
export function readTranscript(
  paths: StatePaths,
  run: string,
  offset: number,
  length: number,
): { bytes: Uint8Array; total: number } {
  const file = rawFile(paths, run);
  if (statSync(file, { throwIfNoEntry: false }) === undefined) return { bytes: new Uint8Array(), total: 0 };
  const fd = openSync(file, 'r');
  try {
    const total = fstatSync(fd).size;
    const bytes = Buffer.alloc(Math.max(0, Math.min(length, total - offset)));
    const count = bytes.length === 0 ? 0 : readSync(fd, bytes, 0, bytes.length, offset);
    return { bytes: bytes.subarray(0, count), total };
  } finally {
    closeSync(fd);
  }
}
