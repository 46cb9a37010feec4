import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deedsOf } from './deeds.ts';

test('commands and sections are taken in the order in which the row names them', () => {
  assert.deepEqual(deedsOf('`./kfs pki init`, run *Its keys* again, then `sudo systemctl restart etcd`'), [
    { command: 'kfs pki init', on: 'workstation' },
    { section: 'Its keys' },
    { command: 'sudo systemctl restart etcd', on: 'machine' },
  ]);
  assert.deepEqual(deedsOf('Run [The manager](#the-manager) again; `sudo dmesg \\| tail`'), [
    { section: 'The manager' },
    { command: 'sudo dmesg | tail', on: 'machine' },
  ]);
});

test('what is only named is no command, and neither is what the reader must complete', () => {
  assert.deepEqual(deedsOf('`script` is in `bsdutils`, as `kfs` says; see *Its keys*'), []);
  assert.deepEqual(deedsOf('`kfs pki restore … --only root/ca.key`, or `--cacert /etc/kfs/ca.crt`'), []);
});
