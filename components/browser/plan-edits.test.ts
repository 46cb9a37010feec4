import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listOf, valueAt, withEdit } from './plan-edits.ts';

test('typing on in one field is one edit, with the last word', () => {
  let edits = withEdit([], { path: ['name'], value: 'k' });
  edits = withEdit(edits, { path: ['name'], value: 'kf' });
  assert.deepEqual(edits, [{ path: ['name'], value: 'kf' }]);
});

test('removing an item twice removes two: the same index is another item then', () => {
  const remove = { path: ['machines', 0], value: null };
  assert.equal(withEdit(withEdit([], remove), remove).length, 2);
});

test('a field after a removal is edited where it is now, and the order is kept', () => {
  let edits = withEdit([], { path: ['machines', 1, 'name'], value: 'b' });
  edits = withEdit(edits, { path: ['machines', 0], value: null });
  edits = withEdit(edits, { path: ['machines', 0, 'name'], value: 'c' });
  assert.deepEqual(
    edits.map(({ path }) => path.length),
    [3, 2, 3],
  );
});

test('a list is typed as words, and no words mean no field', () => {
  assert.deepEqual(listOf(' 10.0.0.1, 10.0.0.2 '), ['10.0.0.1', '10.0.0.2']);
  assert.equal(listOf('  '), null);
});

test('a value is found by its path, or is not there', () => {
  assert.equal(valueAt({ machines: [{ name: 'a' }] }, ['machines', 0, 'name']), 'a');
  assert.equal(valueAt({ machines: [] }, ['machines', 0, 'name']), undefined);
  assert.equal(valueAt({ name: 'a' }, ['name', 'b']), undefined);
});
