import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge } from './kvm.ts';

test('a kernel that only lacks a disk shows that KVM works', () => {
  const output = '[ 0.9] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)';
  assert.equal(judge(output).works, true);
});

test('an emulation failure shows that it does not, and is the reason that is told', () => {
  assert.deepEqual(judge('KVM internal error. Suberror: 1\nextra data'), {
    works: false,
    why: 'a stock kernel does not boot under it: KVM internal error. Suberror: 1',
  });
  assert.match(judge('').why, /no answer in time/);
});
