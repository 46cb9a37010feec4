import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countsOfTap } from './unit.ts';

const REPORT = 'TAP version 13\nok 1 - a\n# pass 3\n# fail 1\n# cancelled 1\n# skipped 2\n';

test('the totals of a TAP report are read, and a cancelled test counts as failed', () => {
  assert.deepEqual(countsOfTap(REPORT, 1), { passed: 3, failed: 2, skipped: 2 });
});

test('a runner that ends badly without naming a failed test still fails', () => {
  assert.deepEqual(countsOfTap('# pass 3\n# fail 0\n', 1), { passed: 3, failed: 1, skipped: 0 });
});
