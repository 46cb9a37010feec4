import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { formatSums, parseSums, sumsOf } from './sums.ts';
import { testFolder } from './testing/folder.ts';

test('sha256sum reads what is written here, and its own output is read back', async t => {
  const folder = testFolder(t);
  writeFileSync(join(folder, 'b'), 'two\n');
  writeFileSync(join(folder, 'a'), 'one\n');
  const sums = await sumsOf(folder, ['b', 'a']);
  writeFileSync(join(folder, 'SHA256SUMS'), formatSums(sums));
  const inside = { cwd: folder, encoding: 'utf8' as const };
  assert.equal(execFileSync('sha256sum', ['--check', '--strict', 'SHA256SUMS'], inside), 'a: OK\nb: OK\n');
  assert.deepEqual(parseSums(execFileSync('sha256sum', ['a', 'b'], inside)), sums);
  assert.deepEqual(parseSums(execFileSync('sha256sum', ['--binary', 'a', 'b'], inside)), sums);
});

test('lines that are no digests are not taken for some', () => {
  assert.deepEqual(parseSums('not found\n1234  short\n\n'), {});
});
