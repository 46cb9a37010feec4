/** The three things that go wrong in the middle of a step. */
import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BookLab } from '../book-lab.ts';
import type { Way } from './places.ts';

/** How long the machine stays dark after a cut. */
const DARK_MS = 2000;

/** Resolves with what was done, in words. */
export async function disturb(lab: BookLab, runner: ChildProcess, way: Way): Promise<string> {
  switch (way) {
    case 'runner':
      runner.kill('SIGKILL');
      return 'the runner was killed';
    case 'link':
      return `${cutLinks(lab.paths.sshConfig)} ssh processes were killed`;
    case 'power':
      await lab.cutPower();
      await sleep(DARK_MS);
      return 'the power was cut';
  }
}

/** Kills every ssh that goes by this configuration: the runner's connection, and those that steps have opened. */
function cutLinks(config: string): number {
  const found = readdirSync('/proc').filter(name => /^\d+$/.test(name) && isLink(Number(name), config));
  for (const pid of found) {
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // it ended by itself
    }
  }
  return found.length;
}

function isLink(pid: number, config: string): boolean {
  try {
    const [program = '', ...args] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return /(^|\/)ssh$/.test(program) && args.includes(config);
  } catch {
    return false;
  }
}
