import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import { test } from 'node:test';
import { withoutPaths } from './record-file.ts';

test('a record names no folder of the workstation that it was made on', () => {
  const environment = { KFS_STATE: '/srv/a/.kfs', KFS_HOME: '/srv/a/.kfs/work', KFS_BOOK: '/srv/a' };
  const text = `/srv/a/.kfs/work/x /srv/a/.kfs/pki ${homedir()}/y /srv/a/kfs`;
  assert.equal(withoutPaths(text, environment), '$KFS_HOME/x $KFS_STATE/pki ~/y $KFS_BOOK/kfs');
});
