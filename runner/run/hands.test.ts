import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KfsError } from '../errors.ts';
import { testBook, testPlan } from './testing/book.ts';
import { openDesk } from './testing/desk.ts';

const manifest = testBook({
  a: {
    'step:install': { on: 'all', handsMs: 60_000, text: '# install: plug it in\n', check: 'test -e in\n' },
  },
});

test('what a driver could not do is the reason, with what to do about it', async t => {
  const silent = new KfsError('lab-failed', 'n1 did not answer ssh in 300 s', { next: 'kfs lab console n1' });
  const power = () => ({ name: 'lab', perform: () => Promise.reject(silent) });
  const desk = await openDesk(t, { manifest, plan: testPlan(['etcd']), power });
  const { outcome, reason } = await desk.run('install', 'n1');
  assert.equal(outcome, 'failed');
  assert.equal(reason, 'lab could not do it: n1 did not answer ssh in 300 s (kfs lab console n1)');
});

test('what a driver says it has done is believed no more than a person: the check decides', async t => {
  const power = () => ({ name: 'lab', perform: () => Promise.resolve() });
  const desk = await openDesk(t, { manifest, plan: testPlan(['etcd']), power });
  const { outcome } = await desk.run('install', 'n1');
  assert.equal(outcome, 'check-failed');
  const done = await desk.event('run.hands', event => event.state === 'done');
  assert.equal(done.state === 'done' && done.by, 'lab');
});
