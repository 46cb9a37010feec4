import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CHECK, chain, testBook, testPlan, type Words } from './testing/book.ts';
import { Story } from './testing/story.ts';

test('a cell is todo, then running, then done with the time of its proof', () => {
  const story = new Story(chain());
  assert.equal(story.status('one'), 'todo');
  const run = story.run('one');
  assert.equal(story.status('one'), 'running');
  story.add({ type: 'run.exited', at: 5, run, status: 0, bytes: 0, sha256: '', durationMs: 1234 });
  story.add({ type: 'run.finished', at: 77, run, outcome: 'done', reason: 'fine' });
  const expected = { step: 'one', subject: 'workstation', status: 'done', reason: 'fine', run };
  assert.deepEqual(story.cell('one'), { ...expected, provenAt: 77, durationMs: 1234 });
});

for (const outcome of ['failed', 'check-failed', 'timeout', 'stopped'] as const) {
  test(`a run that ended as ${outcome} leaves the cell failed, also when it was done before`, () => {
    const story = new Story(chain());
    story.done('one');
    story.run('one', { outcome });
    assert.equal(story.status('one'), 'failed');
    assert.equal(story.cell('one').reason, `it ${outcome}`);
  });
}

test('lost and interrupted are states of their own; a refused run leaves no trace', () => {
  const story = new Story(chain());
  story.run('one', { outcome: 'lost' });
  assert.equal(story.status('one'), 'lost');
  story.run('two', { outcome: 'interrupted' });
  assert.equal(story.status('two'), 'interrupted');
  story.run('two', { outcome: 'refused' });
  assert.equal(story.status('two'), 'interrupted');
});

test('a lost run that is joined again runs, and ends as it really ended', () => {
  const story = new Story(chain());
  const run = story.run('one', { outcome: 'lost' });
  story.add({ type: 'run.shipped', at: 9, run, bootId: 'b' });
  assert.equal(story.status('one'), 'running');
  story.add({ type: 'run.finished', at: 10, run, outcome: 'done', reason: 'at last' });
  assert.equal(story.status('one'), 'done');
});

test('a person who is waited for shows as hands, and how long he took', () => {
  const story = new Story(chain());
  const run = story.run('one');
  story.add({ type: 'run.hands', at: 1000, run, state: 'waiting' });
  assert.equal(story.status('one'), 'hands');
  story.add({ type: 'run.hands', at: 61_000, run, state: 'done', by: 'reader' });
  story.add({ type: 'run.finished', at: 62_000, run, outcome: 'done', reason: '' });
  assert.equal(story.cell('one').durationMs, 60_000);
});

test('a re-check that fails makes a done cell drifted, one that holds makes it done again', () => {
  const story = new Story(chain());
  story.done('one');
  story.run('one', { mode: 'check', outcome: 'check-failed' });
  assert.equal(story.status('one'), 'drifted');
  story.run('one', { mode: 'check', outcome: 'proven' });
  assert.equal(story.status('one'), 'done');
});

test('a re-check of what was never proven changes nothing when it fails, and proves when it holds', () => {
  const story = new Story(chain());
  story.run('one', { mode: 'check', outcome: 'check-failed' });
  assert.equal(story.status('one'), 'todo');
  story.run('one', { outcome: 'failed' });
  story.run('one', { mode: 'check', outcome: 'check-failed' });
  assert.equal(story.status('one'), 'failed');
  story.run('one', { mode: 'check', outcome: 'proven' });
  assert.equal(story.status('one'), 'done');
});

test('a reinstalled machine starts over; other machines and what was done before it had an id do not', () => {
  const book = testBook({
    a: {
      'step:cert': { ...CHECK, for: 'all' },
      'step:install': { ...CHECK, on: 'all' },
      'step:etcd': { ...CHECK, on: 'all' },
    },
  });
  const story = new Story(book, testPlan(['etcd'], ['etcd']));
  const statuses = () =>
    ['n1', 'n2'].map(subject =>
      ['cert', 'install', 'etcd'].map(step => story.status(step, subject)).join(' '),
    );
  for (const subject of ['n1', 'n2']) {
    story.done('cert', { subject });
    const run = story.run('install', { subject });
    story.seen(subject, `id-of-${subject}`);
    story.add({ type: 'run.finished', at: 0, run, outcome: 'done', reason: '' });
    story.done('etcd', { subject });
  }
  assert.deepEqual(statuses(), ['done done done', 'done done done']);
  story.seen('n1', 'another-id');
  assert.deepEqual(statuses(), ['done done todo', 'done done done']);
});

test('a step that installs a machine anew belongs to the machine that it makes', () => {
  const book = testBook({ a: { 'step:install': { ...CHECK, on: 'all', handsMs: 1 } } });
  const story = new Story(book, testPlan(['etcd']));
  story.seen('n1', 'first-id');
  const run = story.run('install', { subject: 'n1' });
  story.seen('n1', 'second-id');
  story.add({ type: 'run.finished', at: 0, run, outcome: 'done', reason: '' });
  assert.equal(story.status('install', 'n1'), 'done');
});

test('a matrix of 200 steps by 10 machines is derived in well under a second', () => {
  const words: Words = {};
  for (let index = 0; index < 40; index++) words[`step:s${index}`] = { ...CHECK, on: 'all' };
  const chapters = Object.fromEntries(
    ['a', 'b', 'c', 'd', 'e'].map(name => [
      name,
      Object.fromEntries(Object.entries(words).map(([key, value]) => [`${key}-${name}`, value])),
    ]),
  );
  const story = new Story(
    testBook(chapters),
    testPlan(...Array.from({ length: 10 }, () => ['node' as const])),
  );
  for (const { step, subject } of story.cells().all()) story.done(step, { subject });
  const cells = story.cells();
  const began = performance.now();
  assert.ok(cells.all().every(({ status }) => status === 'done'));
  assert.ok(performance.now() - began < 1000, `${performance.now() - began} ms`);
});
