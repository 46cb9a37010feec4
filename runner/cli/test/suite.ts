/** A suite of the project's own tests: what it is, how it runs, what it counted. */
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { CHECKOUT } from '../context.ts';

export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

export interface Suite {
  name: string;
  /** What it proves, in a line. */
  about: string;
  /** Only with `--full`: slow proofs. */
  full?: boolean;
  /** How long it takes on two cores with everything built; where less time is left it is not begun. */
  minutes?: number;
  /** Wants one processor, and runs beside those that follow it where there is another. */
  beside?: boolean;
  /** Debian packages without which it cannot run at all. */
  needs?: string[];
  run(context: SuiteContext): Promise<Counts>;
}

export interface SuiteContext {
  /** A directory of this suite's own for reports, emptied before it runs. */
  output: string;
  signal: AbortSignal;
  /** Only files whose path contains this. */
  filter?: string;
  /** Slow proofs are asked for. */
  full?: boolean;
  /** Whether what takes so many minutes is expected to end within the time that was given (`--within`). */
  fits(minutes: number): boolean;
}

/** What a suite counts in which nothing matches the filter: it is skipped, with the reason. */
export function nothingMatches(filter: string): Counts {
  process.stdout.write(`skipped: nothing matches ${filter}\n`);
  return { passed: 0, failed: 0, skipped: 1 };
}

/** Where reports and pictures of a test run are kept. */
export const outputFolder = (name: string): string => {
  const folder = join(CHECKOUT, 'test-results', name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
};

/** A program of node_modules/.bin. */
export const tool = (name: string): string => join(CHECKOUT, 'node_modules', '.bin', name);

/** Runs a command in the checkout with its output on ours; resolves with the exit status, 128 + n for a signal. */
export function runCommand(
  command: string,
  args: string[],
  signal: AbortSignal,
  environment: Record<string, string> = {},
): Promise<number> {
  return new Promise((resolve, reject) => {
    // The pinned Node first: the tools find `node` by PATH, and the system's own may be too old for them.
    const PATH = `${join(CHECKOUT, 'node_modules', '.bin')}:${process.env.PATH ?? ''}`;
    const env = { ...process.env, PATH, ...environment };
    const child = spawn(command, args, { cwd: CHECKOUT, stdio: ['ignore', 'inherit', 'inherit'], env });
    const stop = () => child.kill('SIGTERM');
    signal.addEventListener('abort', stop, { once: true });
    child.once('error', reject);
    child.once('close', (code, name) => {
      signal.removeEventListener('abort', stop);
      resolve(code ?? 128 + constants.signals[name!]);
    });
  });
}

/** Counts of a list of commands, each a test of its own. */
export async function countCommands(commands: [string, string[]][], context: SuiteContext): Promise<Counts> {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  for (const [command, args] of commands) {
    const status = await runCommand(command, args, context.signal);
    if (status === 0) counts.passed++;
    else counts.failed++;
  }
  return counts;
}
