import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CHECK, testBook, testPlan } from './testing/book.ts';
import { Story } from './testing/story.ts';

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
