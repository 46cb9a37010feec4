import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { inventory } from './inventory.ts';
import { cleanUp, emptyState, fullState } from './testing/lab.ts';

after(cleanUp);

const days = (count: number): Date => new Date(Date.now() + count * 24 * 60 * 60 * 1000);

test('every certificate is listed once: the root, the authorities, then what they signed', () => {
  const list = inventory(fullState().pki);
  assert.equal(list.length, 22);
  assert.deepEqual(
    list.map(({ isCa }) => isCa),
    [...Array(6).fill(true), ...Array(16).fill(false)],
  );
  assert.equal(list[0]!.file, 'root/ca.crt');
  assert.deepEqual(JSON.parse(JSON.stringify(list)), list);
});

test('it says whose a certificate is, who signed it, for what names and for how long', () => {
  const { pki } = fullState();
  const server = inventory(pki).find(({ file }) => file === 'machines/n1/etcd/server.crt')!;
  assert.equal(server.subject, 'CN=n1.kfs.internal');
  assert.equal(server.issuer, 'CN=lab etcd CA, O=lab');
  assert.deepEqual(server.names, ['n1.kfs.internal', 'localhost', '10.77.0.11', '127.0.0.1']);
  assert.deepEqual(server.usages, ['server', 'client']);
  assert.match(server.serial, /^[0-9A-F]{32}$/);
  assert.equal(server.daysLeft, 364);
  assert.equal(Date.parse(server.notAfter) - Date.parse(server.notBefore), (365 * 24 + 1) * 60 * 60 * 1000);
});

test('days left count down, and the last third is due', () => {
  const { pki } = fullState();
  const leaf = (now: Date) => inventory(pki, now).find(({ file }) => file === 'people/admin.crt')!;
  assert.deepEqual([leaf(days(243)).daysLeft, leaf(days(243)).due], [121, false]);
  assert.deepEqual([leaf(days(244)).daysLeft, leaf(days(244)).due], [120, true]);
  assert.equal(leaf(days(366)).daysLeft, -2);
});

test('a file that cannot be read is listed with the reason, and hides no other', () => {
  const { pki } = fullState();
  writeFileSync(join(pki, 'people', 'admin.crt'), 'no certificate');
  const list = inventory(pki);
  assert.equal(list.length, 22);
  assert.ok(list.find(({ file }) => file === 'people/admin.crt')!.problem);
});

test('before anything was made the list is empty', () => {
  assert.deepEqual(inventory(emptyState().pki), []);
});
