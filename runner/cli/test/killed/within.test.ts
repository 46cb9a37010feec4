import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { within } from './within.ts';

function started(command: string) {
  const child = spawn('bash', ['-c', `exec ${command}`], { stdio: 'ignore' });
  return { child, ended: once(child, 'close').then(([code, signal]) => code ?? signal) };
}

test('what ends within the limit ends as it does without one', async () => {
  assert.equal(await within(AbortSignal.timeout(60_000), started('bash -c "exit 3"')), 3);
});

test('the limit is one for all: what runs is killed when it passes, and what is started after that too', async () => {
  const limit = AbortSignal.timeout(200);
  assert.equal(await within(limit, started('sleep 60')), 'SIGKILL');
  assert.equal(await within(limit, started('sleep 60')), 'SIGKILL');
});
