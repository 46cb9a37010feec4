/** What SQLite and the file system complain about, in words a person can act on. */
import { KfsError } from '../errors.ts';

/** Primary result codes of SQLite; `errcode` carries them in its low byte. */
const BUSY = 5;
const READONLY = 8;
const IOERR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const CONSTRAINT = 19;
const NOTADB = 26;

const DISK_FULL = ['ENOSPC', 'EDQUOT', 'EFBIG'];

/** Primary result code of an error that SQLite threw, or undefined for another error. */
export function sqliteCode(error: unknown): number | undefined {
  const { code, errcode } = error as { code?: string; errcode?: number };
  return code === 'ERR_SQLITE_ERROR' && typeof errcode === 'number' ? errcode & 0xff : undefined;
}

export const isBusy = (error: unknown): boolean => sqliteCode(error) === BUSY;

/** The same error as a KfsError; what is neither SQLite's nor the file system's comes back as it was. */
export function journalError(error: unknown, file: string): unknown {
  if (error instanceof KfsError) return error;
  const sqlite = sqliteCode(error);
  const { code, message } = error as { code?: string; message: string };
  if (sqlite === FULL || DISK_FULL.includes(code ?? '')) return diskFull(file, error);
  if (sqlite === undefined) return code === undefined ? error : unwritable(file, message, error);
  if (sqlite === CORRUPT || sqlite === NOTADB) return damaged(file, message, error);
  if (sqlite === CONSTRAINT) return error;
  if ([READONLY, CANTOPEN, IOERR, BUSY].includes(sqlite)) return unwritable(file, message, error);
  return error;
}

function diskFull(file: string, cause: unknown): KfsError {
  return new KfsError('disk-full', `no room left on the disk for ${file}`, {
    next: 'make room; what is recorded is intact, and what runs goes on and is collected afterwards',
    cause,
  });
}

function unwritable(file: string, message: string, cause: unknown): KfsError {
  return new KfsError('state-broken', `cannot write ${file}: ${message}`, {
    next: 'make the directory writable for you, or name another one with --state',
    cause,
  });
}

export function damaged(file: string, message: string, cause?: unknown): KfsError {
  return new KfsError('state-broken', `${file} is damaged: ${message}`, {
    next: `nothing was changed. Save what can be read with \`sqlite3 ${file} .recover\`, or move the file away to begin anew: the checks find what is done already`,
    cause,
  });
}
