import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mistakesSuite } from './mistakes.ts';
import type { SuiteContext } from './suite.ts';
import { unitSuite } from './unit.ts';

const context: SuiteContext = {
  output: '/none',
  signal: new AbortController().signal,
  filter: 'no-such-thing',
  fits: () => true,
};

for (const suite of [unitSuite('unit', '', ['runner/cli/*.test.ts']), mistakesSuite])
  test(`a suite in which nothing matches the filter is skipped, and says so: ${suite.name}`, async t => {
    const written = t.mock.method(process.stdout, 'write', () => true);
    const counts = await suite.run(context);
    const text = written.mock.calls.map(call => String(call.arguments[0])).join('');
    written.mock.restore();
    assert.deepEqual(counts, { passed: 0, failed: 0, skipped: 1 });
    assert.match(text, /^skipped: nothing matches no-such-thing$/m);
  });
