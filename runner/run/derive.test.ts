import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testBook, testPlan, type Words } from './testing/book.ts';
import { Story } from './testing/story.ts';

const CHECK = { check: 'true\n' };
const chain = (words: Words = {}) =>
  testBook({ a: { 'step:one': CHECK, 'step:two': CHECK, 'step:three': CHECK, ...words } });

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

test('a changed text makes a done cell stale, and a re-check that holds does not clear that', () => {
  const story = new Story(chain());
  story.done('one');
  story.now(chain({ 'step:one': { ...CHECK, text: 'echo other\n' } }));
  assert.equal(story.status('one'), 'stale');
  story.run('one', { mode: 'check', outcome: 'proven' });
  assert.equal(story.status('one'), 'stale');
  story.done('one');
  assert.equal(story.status('one'), 'done');
});

test('a failed run does not hide that the cell was proven with another text', () => {
  const story = new Story(chain());
  story.done('one', { digest: 'older' });
  story.run('one', { outcome: 'failed' });
  assert.equal(story.status('one'), 'failed');
  assert.match(story.cells().stale({ step: 'one', subject: 'workstation' }) ?? '', /changed/);
});

test('another value of a variable that the step uses makes it stale, and the reason names it', () => {
  const story = new Story(chain({ 'step:one': { ...CHECK, text: 'echo $KFS_DOMAIN\n' } }));
  story.values({ KFS_DOMAIN: 'a.example', KFS_SUBNET: '10.0.0.0/24' });
  story.done('one');
  story.values({ KFS_DOMAIN: 'a.example', KFS_SUBNET: '10.9.0.0/24' });
  assert.equal(story.status('one'), 'done');
  story.values({ KFS_DOMAIN: 'b.example' });
  assert.equal(story.status('one'), 'stale');
  assert.match(story.cell('one').reason, /\$KFS_DOMAIN.*a\.example.*b\.example/);
});

test('where the runner keeps its state is no value that a step was built with', () => {
  const story = new Story(chain({ 'step:one': { ...CHECK, text: 'ls $KFS_PKI\n' } }));
  story.values({ KFS_PKI: '/here/pki' });
  story.done('one');
  story.values({ KFS_PKI: '/there/pki' });
  assert.equal(story.status('one'), 'done');
});

test('what stands on something stale is stale, and so is what stands on that', () => {
  const story = new Story(chain());
  for (const step of ['one', 'two', 'three']) story.done(step);
  story.now(chain({ 'step:one': { ...CHECK, text: 'echo other\n' } }));
  assert.equal(story.status('two'), 'stale');
  assert.match(story.cell('two').reason, /`one`/);
  assert.equal(story.status('three'), 'stale');
});

test('after a changed step was run again, what was built on the older one stays stale until it is run too', () => {
  const story = new Story(chain());
  for (const step of ['one', 'two', 'three']) story.done(step);
  story.now(chain({ 'step:one': { ...CHECK, text: 'echo other\n' } }));
  story.done('one');
  assert.deepEqual(
    ['one', 'two', 'three'].map(step => story.status(step)),
    ['done', 'stale', 'stale'],
  );
  story.done('two');
  story.done('three');
  assert.deepEqual(
    ['one', 'two', 'three'].map(step => story.status(step)),
    ['done', 'done', 'done'],
  );
});

test('a change goes through a step of another chapter that was run again as it was', () => {
  const book = (text: string) =>
    testBook({
      a: { 'step:root': { ...CHECK, text } },
      b: { 'step:middle': { ...CHECK, needs: ['root'] } },
      c: { 'step:top': { ...CHECK, needs: ['middle'] } },
    });
  const story = new Story(book('v1\n'));
  for (const step of ['root', 'middle', 'top']) story.done(step);
  story.now(book('v2\n'));
  story.done('root');
  story.done('middle');
  assert.equal(story.status('middle'), 'done');
  assert.equal(story.status('top'), 'stale');
});

test('running a step again as it was, or repairing what drifted, makes nothing else stale', () => {
  const story = new Story(chain());
  for (const step of ['one', 'two']) story.done(step);
  story.done('one', { mode: 'force' });
  story.run('one', { mode: 'check', outcome: 'check-failed' });
  story.done('one');
  assert.equal(story.status('two'), 'done');
});

test('accepting a changed text clears stale for the step and for what stands on it', () => {
  const story = new Story(chain());
  for (const step of ['one', 'two']) story.done(step);
  story.now(chain({ 'step:one': { ...CHECK, text: 'echo other\n' } }));
  story.accepted('one');
  assert.deepEqual(
    ['one', 'two'].map(step => story.status(step)),
    ['done', 'done'],
  );
});

test('accepting a step that stands on something run again clears it for good', () => {
  const story = new Story(chain());
  for (const step of ['one', 'two']) story.done(step);
  story.now(chain({ 'step:one': { ...CHECK, text: 'echo other\n' } }));
  story.done('one');
  story.accepted('two');
  assert.equal(story.status('two'), 'done');
});

test('a gate, a show and an event are stale by their own text only, and a gate makes nothing stale', () => {
  const book = (gate: string, step: string) =>
    testBook({
      a: {
        'gate:tool': { text: gate },
        'step:one': { ...CHECK, text: step },
        'event:boom': CHECK,
        'show:it': {},
      },
    });
  const story = new Story(book('v1\n', 'v1\n'));
  for (const step of ['tool', 'one', 'boom', 'it']) story.done(step);
  story.now(book('v2\n', 'v1\n'));
  assert.deepEqual(
    ['tool', 'one', 'boom', 'it'].map(step => story.status(step)),
    ['stale', 'done', 'done', 'done'],
  );
  story.now(book('v1\n', 'v2\n'));
  assert.deepEqual(
    ['tool', 'one', 'boom', 'it'].map(step => story.status(step)),
    ['done', 'stale', 'done', 'done'],
  );
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

test('the first run of a step on a reinstalled machine makes nothing on other machines stale', () => {
  const book = testBook({
    a: { 'step:server': { ...CHECK, on: 'first' } },
    b: { 'step:client': { ...CHECK, on: 'new', needs: ['server'] } },
  });
  const story = new Story(book, testPlan(['etcd'], ['node']));
  story.done('server', { subject: 'n1', inputs: { KFS_X: '1' } });
  story.done('client', { subject: 'n2' });
  story.seen('n1', 'new-id');
  story.done('server', { subject: 'n1', inputs: { KFS_X: '1' } });
  assert.equal(story.status('client', 'n2'), 'done');
});

test('an alternative that was not chosen counts as satisfied once the other one is done', () => {
  const book = testBook({
    a: {
      'step:build': { ...CHECK, either: 'get' },
      'step:download': { ...CHECK, either: 'get' },
      'step:use': CHECK,
    },
  });
  const story = new Story(book);
  assert.deepEqual(story.cells().unproven(story.step('use'), 'workstation'), [
    { step: 'build', subject: 'workstation' },
  ]);
  story.done('download');
  assert.deepEqual(story.cells().unproven(story.step('use'), 'workstation'), []);
  assert.deepEqual(story.cells().unproven(story.step('build'), 'workstation'), []);
  assert.match(story.cell('build').reason, /not needed.*download/);
  assert.equal(story.status('build'), 'done');
});

test('of alternatives only those count that have a machine under this plan', () => {
  const book = testBook({
    a: {
      'step:disks': { ...CHECK, on: 'storage', either: 'space' },
      'step:folder': { ...CHECK, either: 'space' },
      'step:use': CHECK,
    },
  });
  const story = new Story(book, testPlan(['etcd']));
  const unproven = () => story.cells().unproven(story.step('use'), 'workstation');
  assert.deepEqual(unproven(), [{ step: 'folder', subject: 'workstation' }]);
  story.done('folder');
  assert.deepEqual(unproven(), []);
});

test('a step on a machine needs what is above for that machine, and what is above on the workstation', () => {
  const book = testBook({
    a: {
      'step:ca': CHECK,
      'step:cert': { ...CHECK, for: 'all' },
      'show:look': {},
      'step:start': { ...CHECK, on: 'all' },
      'step:join': CHECK,
    },
  });
  const story = new Story(book, testPlan(['etcd'], ['etcd']));
  const unproven = (step: string, subject: string) =>
    story
      .cells()
      .unproven(story.step(step), subject)
      .map(ref => `${ref.step}@${ref.subject}`);
  assert.deepEqual(unproven('start', 'n2'), ['ca@workstation', 'cert@n2']);
  story.done('ca');
  story.done('cert', { subject: 'n2' });
  assert.deepEqual(unproven('start', 'n2'), []);
  story.done('start', { subject: 'n2' });
  assert.deepEqual(unproven('join', 'workstation'), ['cert@n1', 'start@n1']);
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
