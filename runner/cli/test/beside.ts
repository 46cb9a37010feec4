/** A suite that runs beside the others, in a process of its own; what it prints is kept until its turn comes. */
import { spawn } from 'node:child_process';
import { closeSync, createReadStream, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CHECKOUT } from '../context.ts';

const MAIN = join(CHECKOUT, 'runner', 'cli', 'main.ts');
const LOOK_MS = 500;

export interface Beside<Result> {
  /** Prints what it has printed, and what it still prints, to its end; resolves with what it has told. */
  finish(): Promise<Result | undefined>;
}

/** Starts `kfs` with these arguments. What it prints goes to the file `log`; what it tells, by `process.send`, is its result. */
export function beginBeside<Result>(args: string[], log: string, signal: AbortSignal): Beside<Result> {
  const file = openSync(log, 'w');
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: CHECKOUT,
    stdio: ['ignore', file, file, 'ipc'],
  });
  closeSync(file);
  let told: Result | undefined;
  let over = false;
  const stop = () => child.kill('SIGTERM');
  signal.addEventListener('abort', stop, { once: true });
  child.on('message', message => {
    told = message as Result;
  });
  const end = () => {
    over = true;
    signal.removeEventListener('abort', stop);
  };
  child.once('error', end).once('close', end);
  return {
    finish: async () => {
      for (let start = 0, last = false; !last; ) {
        last = over;
        start += await print(log, start);
        if (!last) await sleep(LOOK_MS);
      }
      return told;
    },
  };
}

/** Prints a file from a byte on; resolves with how many bytes there were. */
async function print(file: string, start: number): Promise<number> {
  let bytes = 0;
  for await (const chunk of createReadStream(file, { start })) {
    process.stdout.write(chunk);
    bytes += chunk.length;
  }
  return bytes;
}
