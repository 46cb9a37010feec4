import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countsOfTap, testFiles } from './unit.ts';

const REPORT = 'TAP version 13\nok 1 - a\n# pass 3\n# fail 1\n# cancelled 1\n# skipped 2\n';

test('the totals of a TAP report are read, and a cancelled test counts as failed', () => {
  assert.deepEqual(countsOfTap(REPORT, 1), { passed: 3, failed: 2, skipped: 2 });
});

test('a runner that ends badly without naming a failed test still fails', () => {
  assert.deepEqual(countsOfTap('# pass 3\n# fail 0\n', 1), { passed: 3, failed: 1, skipped: 0 });
});

test('a pattern that begins with an exclamation mark takes files out of a suite', () => {
  const all = testFiles(['software/*.test.ts']);
  const fewer = testFiles(['software/*.test.ts', '!software/image.test.ts']);
  assert.ok(all.includes('software/image.test.ts'));
  assert.deepEqual(
    fewer,
    all.filter(file => file !== 'software/image.test.ts'),
  );
});
