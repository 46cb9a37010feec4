import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { testBook } from './testing/book.ts';
import { openDesk } from './testing/desk.ts';

const MAKE = { text: 'echo made >>made\n', check: 'test -e made\n' };

test('a step whose check does not hold is run, checked and recorded', async t => {
  const desk = await openDesk(t, { manifest: testBook({ a: { 'step:make': MAKE } }) });
  const result = await desk.run('make');
  assert.equal(result.outcome, 'done');
  assert.equal(readFileSync(join(desk.paths.work, 'made'), 'utf8'), 'made\n');
  const types = desk.events.filter(({ type }) => type !== 'run.output').map(({ type }) => type);
  const expected = ['run.started', 'run.checked', 'run.shipped', 'run.exited', 'run.checked', 'run.finished'];
  assert.deepEqual(types, expected);
  assert.equal(desk.status('make'), 'done');
});

test('a step whose check holds already is proven, and not run', async t => {
  const desk = await openDesk(t, { manifest: testBook({ a: { 'step:make': MAKE } }) });
  await desk.run('make');
  assert.equal((await desk.run('make')).outcome, 'proven');
  assert.equal((await desk.run('make', 'workstation', { mode: 'force' })).outcome, 'done');
  assert.equal(readFileSync(join(desk.paths.work, 'made'), 'utf8'), 'made\nmade\n');
});
