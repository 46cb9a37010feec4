import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ensurePackages } from '../../../runner/host-packages.ts';
import { cpio, padded } from './cpio.ts';

const folder = mkdtempSync(join(tmpdir(), 'kfs-cpio-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('the program cpio unpacks what was packed: contents, folders, modes', async () => {
  await ensurePackages([{ package: 'cpio', why: 'unpacks an archive of ours', probe: 'cpio' }]);
  const files = { 'etc/kfs/ca.crt': Buffer.from('a certificate\n'), 'etc/odd': Buffer.from([0, 1, 2]) };
  execFileSync('cpio', ['--extract', '--quiet', '--make-directories'], { cwd: folder, input: cpio(files) });
  for (const [path, bytes] of Object.entries(files)) {
    assert.deepEqual(readFileSync(join(folder, path)), bytes);
    assert.equal(statSync(join(folder, path)).mode & 0o777, 0o644);
  }
  assert.equal(statSync(join(folder, 'etc/kfs')).mode & 0o777, 0o755);
});

test('an archive begins and ends at a multiple of four, so that another can stand before and after it', () => {
  for (const length of [0, 1, 2, 3, 4, 5]) assert.equal(cpio({ 'a/b': Buffer.alloc(length) }).length % 4, 0);
  assert.deepEqual(padded(Buffer.from('12345')), Buffer.from('12345\0\0\0'));
});
