/** A transcript as an asciicast (version 2): one JSON line a piece, replayable in the page and by asciinema. */
import { closeSync, openSync, readSync } from 'node:fs';
import type { StatePaths } from '../state.ts';
import { rawFile, readTiming } from './transcript.ts';

const DEFAULT_HEADER = { startedAt: 0, columns: 80, rows: 24 };

/** Lines with their newline, made as they are asked for. `title` is what players show. */
export function* asciicast(paths: StatePaths, run: string, title?: string): Generator<string> {
  const timing = readTiming(paths, run);
  const { startedAt, columns, rows } = timing.header ?? DEFAULT_HEADER;
  const timestamp = Math.floor(startedAt / 1000);
  yield line({
    version: 2,
    width: columns,
    height: rows,
    timestamp,
    ...(title && { title }),
    env: { TERM: 'xterm-256color' },
  });
  // A character may be cut in two by the pieces, and bytes may be no UTF-8 at all: those become U+FFFD.
  const decoder = new TextDecoder('utf-8');
  const raw = openSync(rawFile(paths, run), 'r');
  let last = 0;
  try {
    for (const [seconds, type, value] of timing.lines) {
      last = Math.max(last, seconds);
      const text = type === 'r' ? value : decoder.decode(readPiece(raw, value), { stream: true });
      if (text !== '') yield line([last, type, text]);
    }
  } finally {
    closeSync(raw);
  }
  const rest = decoder.decode();
  if (rest !== '') yield line([last, 'o', rest]);
}

const line = (value: unknown): string => `${JSON.stringify(value)}\n`;

/** The next bytes of the file, fewer at its end. */
function readPiece(fd: number, length: number): Uint8Array {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(fd, bytes, 0, length, null));
}
