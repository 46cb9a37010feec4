import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { beginBeside } from './beside.ts';

function logOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'kfs-beside-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return join(folder, 'log');
}

test('a suite beside the others tells what it has counted, and its output is kept', async t => {
  const log = logOf(t);
  const suite = beginBeside<{ name: string; passed: number }[]>(
    ['test', 'style', '--only', 'nothing'],
    log,
    new AbortController().signal,
  );
  const [result] = (await suite.finish()) ?? [];
  assert.deepEqual([result?.name, result?.passed], ['style', 1]);
  assert.match(readFileSync(log, 'utf8'), /── style/);
  assert.doesNotMatch(readFileSync(log, 'utf8'), /1 passed, 0 failed$/m, 'the last word is not its');
});

test('one that ends without a word has told nothing, and one that is stopped ends', async t => {
  const stop = new AbortController();
  assert.equal(await beginBeside(['test', 'no-such-suite'], logOf(t), stop.signal).finish(), undefined);
  const suite = beginBeside(['test', 'style', 'types', 'book'], logOf(t), stop.signal);
  stop.abort();
  assert.equal(await suite.finish(), undefined);
});
