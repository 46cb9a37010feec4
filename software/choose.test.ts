import assert from 'node:assert/strict';
import { test } from 'node:test';
import { choose } from './choose.ts';
import { loadComponents } from './component.ts';

const all = loadComponents();
const names = (chosen: typeof all) => chosen.map(({ name }) => name);

test('what is optional is made only when it is named', () => {
  const optional = names(all.filter(component => component.optional));
  assert.deepEqual(optional, ['kubernetes-e2e']);
  const unasked = names(choose(all, []));
  assert.deepEqual(
    unasked,
    names(all).filter(name => !optional.includes(name)),
  );
  assert.deepEqual(names(choose(all, ['kubernetes-e2e', 'etcd'])), ['etcd', 'kubernetes-e2e']);
});
