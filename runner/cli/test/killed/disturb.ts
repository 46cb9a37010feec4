/** The three things that go wrong in the middle of a step. */
import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BookLab } from '../book-lab.ts';
import type { Way } from './places.ts';

/** How long the machine stays dark after a cut. */
const DARK_MS = 2000;

/** Resolves with what was done, in words; undefined where there was nothing to hit. */
export async function disturb(lab: BookLab, runner: ChildProcess, way: Way): Promise<string | undefined> {
  switch (way) {
    case 'runner':
      return runner.kill('SIGKILL') ? 'the runner was killed' : undefined;
    case 'link': {
      const count = cutLinks(lab.paths.sshConfig);
      return count > 0 ? `${count} ssh processes were killed` : undefined;
    }
    case 'power':
      if (!(await lab.isOn())) return undefined;
      await lab.cutPower();
      await sleep(DARK_MS);
      return 'the power was cut';
  }
}

/** Kills every ssh that goes by this configuration: the runner's connection, and those that steps have opened. Returns how many. */
function cutLinks(config: string): number {
  const found = readdirSync('/proc').filter(name => /^\d+$/.test(name) && isLink(Number(name), config));
  return found.filter(pid => kill(Number(pid))).length;
}

/** False when it has ended by itself. */
function kill(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
}

function isLink(pid: number, config: string): boolean {
  try {
    const [program = '', ...args] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return /(^|\/)ssh$/.test(program) && args.includes(config);
  } catch {
    return false;
  }
}
