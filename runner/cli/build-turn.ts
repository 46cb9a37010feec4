/**
 * One build at a time: Astro keeps the list of a book's chapters in the checkout, so two builds of different books
 * would read each other's. A second one waits its turn, whichever process it is in.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

let inThisProcess: Promise<unknown> = Promise.resolve();

/** Runs `work` when `file` can be made; it holds the id of the process whose turn it is. */
export function inTurn<T>(file: string, work: () => Promise<T>): Promise<T> {
  const turn = inThisProcess.then(() => acrossProcesses(file, work));
  inThisProcess = turn.catch(() => undefined);
  return turn;
}

async function acrossProcesses<T>(file: string, work: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(file), { recursive: true });
  while (!take(file)) await sleep(100);
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

function take(file: string): boolean {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    if (!isAlive(readHolder(file))) rmSync(file, { force: true });
    return false;
  }
}

/** 0 for a file that has just been taken away, or whose maker has not written yet. */
function readHolder(file: string): number {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch {
    return 0;
  }
}

/** A process that ended without giving its turn back is no longer there; one of another user is. */
function isAlive(pid: number): boolean {
  if (pid === 0 || pid === process.pid) return pid === 0;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
