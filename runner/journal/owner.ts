/**
 * One writer a state directory. The lock is SQLite's own on a file beside the journal: the kernel ends it with
 * the process, however that dies, so there is never a stale one. Who holds it is written beside it, to be named.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { KfsError } from '../errors.ts';
import { isBusy, journalError } from './sqlite-error.ts';

export interface Owner {
  release(): void;
}

/** Throws state-busy, naming the other's pid, while another process (or another journal of this one) owns it. */
export function takeOwnership(journalFile: string): Owner {
  const lockFile = join(dirname(journalFile), 'owner.lock');
  const nameFile = join(dirname(journalFile), 'owner.pid');
  const lock = openLock(lockFile);
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    throw isBusy(error) ? busy(dirname(journalFile), nameFile) : journalError(error, lockFile);
  }
  try {
    writeFileSync(nameFile, `${process.pid}\n`);
  } catch (error) {
    lock.close();
    throw journalError(error, nameFile);
  }
  return {
    release() {
      if (!lock.isOpen) return;
      rmSync(nameFile, { force: true });
      lock.close();
    },
  };
}

function openLock(file: string): DatabaseSync {
  try {
    return new DatabaseSync(file);
  } catch (error) {
    throw journalError(error, file);
  }
}

function busy(dir: string, nameFile: string): KfsError {
  const pid = readPid(nameFile);
  const who = pid === undefined ? 'another runner' : `another runner, process ${pid},`;
  return new KfsError('state-busy', `${who} works in ${dirname(dir)}`, {
    next: pid === undefined ? 'end it first' : `use that one, end it (kill ${pid}), or name another --state`,
  });
}

function readPid(file: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(file, 'utf8'), 10) || undefined;
  } catch {
    return undefined;
  }
}
