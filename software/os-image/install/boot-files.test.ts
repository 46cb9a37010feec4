import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { makeBootFiles } from './boot-files.ts';
import { cpio } from './cpio.ts';

const folder = mkdtempSync(join(tmpdir(), 'kfs-boot-files-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string) => join(folder, name);

test('the initial RAM disk is that of the image with our CA behind it', async () => {
  writeFileSync(at('vmlinuz'), 'kernel');
  writeFileSync(at('initrd'), 'image!');
  writeFileSync(at('ca.crt'), 'CA');
  const options = { image: folder, ca: at('ca.crt'), url: 'https://10.77.0.2:8443', out: at('out') };
  await makeBootFiles(options);
  await makeBootFiles(options);
  const expected = Buffer.concat([
    Buffer.from('image!\0\0'),
    cpio({ 'etc/kfs/services-ca.crt': Buffer.from('CA') }),
  ]);
  assert.deepEqual(readFileSync(at('out/initrd')), expected);
  assert.equal(readFileSync(at('out/vmlinuz'), 'utf8'), 'kernel');
  const { install } = JSON.parse(readFileSync(at('out/boot.json'), 'utf8'));
  assert.match(
    install.args,
    /rd\.systemd\.unit=kfs-install\.target kfs\.install=https:\/\/10\.77\.0\.2:8443$/,
  );
});

test('without a CA there is nothing to make', async () => {
  const options = { image: folder, ca: at('none.crt'), url: 'https://x', out: at('other') };
  await assert.rejects(makeBootFiles(options), { code: 'pki-refused', next: 'kfs pki init' });
});
