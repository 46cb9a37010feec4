import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CHECK, chain, testBook, testPlan } from './testing/book.ts';
import { Story } from './testing/story.ts';

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
