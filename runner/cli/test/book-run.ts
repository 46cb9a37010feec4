/** Runs `kfs run` as a reader would type it and counts the steps from its JUnit report. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKOUT } from '../context.ts';
import { type Counts, runCommand } from './suite.ts';

const KFS = join(CHECKOUT, 'kfs');

/** Each step on each of its machines is a test; a run that runs nothing has failed. */
export async function runBook(state: string, args: string[], signal: AbortSignal): Promise<Counts> {
  process.stdout.write(`\n$ kfs run ${args.join(' ')}\n`);
  const report = join(state, 'junit.xml');
  rmSync(report, { force: true });
  const status = await runCommand(KFS, ['--state', state, 'run', ...args, '--junit', report], signal);
  const counts = existsSync(report) ? countsOfJunit(readFileSync(report, 'utf8')) : { tests: 0, failures: 0 };
  const failed = status !== 0 && counts.failures === 0 ? 1 : counts.failures;
  if (counts.tests === 0) return { passed: 0, failed: 1, skipped: 0 };
  return { passed: counts.tests - counts.failures, failed, skipped: 0 };
}

/** Runs another command of `kfs` on a state directory; resolves with its exit status. */
export function kfs(state: string, args: string[], signal: AbortSignal): Promise<number> {
  process.stdout.write(`\n$ kfs ${args.join(' ')}\n`);
  return runCommand(KFS, ['--state', state, ...args], signal);
}

/** A command of `kfs` that is a test of its own. */
export async function succeeds(state: string, args: string[], signal: AbortSignal): Promise<Counts> {
  const status = await kfs(state, args, signal);
  return status === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 };
}

function countsOfJunit(report: string): { tests: number; failures: number } {
  const [, tests = '0', failures = '0'] = report.match(/<testsuites tests="(\d+)" failures="(\d+)"/) ?? [];
  return { tests: Number(tests), failures: Number(failures) };
}

export const sumOf = (...all: Counts[]): Counts => ({
  passed: all.reduce((total, { passed }) => total + passed, 0),
  failed: all.reduce((total, { failed }) => total + failed, 0),
  skipped: all.reduce((total, { skipped }) => total + skipped, 0),
});
