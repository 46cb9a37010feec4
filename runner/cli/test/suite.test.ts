import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCommand } from './suite.ts';

test("a command's status is its own, and 128 + n where a signal has ended it", async () => {
  const statusOf = (script: string) => runCommand('bash', ['-c', script], new AbortController().signal);
  assert.equal(await statusOf('exit 3'), 3);
  assert.equal(await statusOf('kill -KILL $$'), 137);
});
