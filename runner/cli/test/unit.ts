/** The tests beside the code, by Node's own runner. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKOUT } from '../context.ts';
import { type Counts, nothingMatches, runCommand, type Suite, tool } from './suite.ts';

/** The longest that a test may take which names no limit of its own, milliseconds: a test that hangs is a failed one. */
const LIMIT_MS = { plain: 600_000, full: 3_600_000 };

/**
 * The longest that a suite may take, milliseconds. A file whose tests have ended goes on while one of them has left
 * something open; Node's own remedy, --test-force-exit, ends it at once, and loses results that are still on their way.
 */
const SUITE_LIMIT_MS = { plain: 40 * 60_000, full: 90 * 60_000 };

/** Files of the checkout that match a pattern, without those that match one which begins with `!`; sorted. */
export function testFiles(patterns: string[]): string[] {
  const exclude = patterns.filter(pattern => pattern.startsWith('!')).map(pattern => pattern.slice(1));
  const include = patterns.filter(pattern => !pattern.startsWith('!'));
  return globSync(include, { cwd: CHECKOUT, exclude }).sort();
}

/**
 * A suite of `*.test.ts` files below some folders. With `minutes`, how long it takes, it is one of the slow, and what
 * its files skip otherwise is run.
 */
export const unitSuite = (name: string, about: string, patterns: string[], minutes?: number): Suite => ({
  name,
  about,
  ...(minutes ? { full: true, minutes } : {}),
  async run({ output, signal, filter }) {
    const files = testFiles(patterns).filter(file => !filter || file.includes(filter));
    if (filter && files.length === 0) return nothingMatches(filter);
    const tap = join(output, 'results.tap');
    const reporters = ['--test-reporter=spec', '--test-reporter-destination=stdout', '--test-reporter=tap'];
    const args = [
      '--test',
      '--test-concurrency=2',
      `--test-timeout=${minutes ? LIMIT_MS.full : LIMIT_MS.plain}`,
      ...reporters,
      `--test-reporter-destination=${tap}`,
      ...files,
    ];
    const limit = AbortSignal.timeout(minutes ? SUITE_LIMIT_MS.full : SUITE_LIMIT_MS.plain);
    const either = AbortSignal.any([signal, limit]);
    const status = await runCommand(tool('node'), args, either, minutes ? { KFS_FULL: '1' } : {});
    if (limit.aborted)
      process.stdout.write(
        `${name} did not end: the file whose results are missing has left something open\n`,
      );
    return countsOfTap(readFileSync(tap, 'utf8'), status);
  },
});

/** Reads the totals at the end of a TAP report; a run that failed without a failed test counts as one. */
export function countsOfTap(report: string, status: number): Counts {
  const total = (name: string) => Number(report.match(new RegExp(`^# ${name} (\\d+)$`, 'm'))?.[1] ?? 0);
  const failed = total('fail') + total('cancelled');
  return {
    passed: total('pass'),
    failed: status !== 0 && failed === 0 ? 1 : failed,
    skipped: total('skipped'),
  };
}
