/** The book itself, run headless on this workstation from an empty state: once to prove its checks, once more. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CHECKOUT } from '../context.ts';
import type { Counts, Suite } from './suite.ts';

const ON_THE_WORKSTATION = ['one-machine/prerequisites', 'one-machine/roots-of-trust'];

export const headlessSuite: Suite = {
  name: 'headless',
  about: 'the chapters of the workstation, for real, with --prove and then --twice',
  async run() {
    const state = mkdtempSync(join(tmpdir(), 'kfs-headless-'));
    try {
      const first = runBook(state, '--prove');
      const second = runBook(state, '--twice');
      return add(first, second);
    } finally {
      rmSync(state, { recursive: true, force: true });
    }
  },
};

function runBook(state: string, flag: string): Counts {
  process.stdout.write(`\nkfs run ${ON_THE_WORKSTATION.join(' ')} ${flag}\n`);
  const junit = join(state, 'junit.xml');
  const args = ['--state', state, 'run', ...ON_THE_WORKSTATION, flag, '--junit', junit];
  const { status } = spawnSync(join(CHECKOUT, 'kfs'), args, { stdio: ['ignore', 'inherit', 'inherit'] });
  return countsOfJunit(junit, status ?? 1);
}

function countsOfJunit(file: string, status: number): Counts {
  const head = spawnSync('head', ['-n', '2', file], { encoding: 'utf8' }).stdout;
  const [, tests = '0', failures = '0'] = head.match(/<testsuites tests="(\d+)" failures="(\d+)"/) ?? [];
  const failed = Number(failures);
  const ran = Number(tests);
  const counts = { passed: ran - failed, failed: status !== 0 && failed === 0 ? 1 : failed, skipped: 0 };
  return ran === 0 ? { passed: 0, failed: 1, skipped: 0 } : counts;
}

const add = (a: Counts, b: Counts): Counts => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
});
