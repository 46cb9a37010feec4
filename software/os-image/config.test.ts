import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { KfsError } from '../../runner/errors.ts';
import { ignitionOf, writeConfig } from './config.ts';

const folder = mkdtempSync(join(tmpdir(), 'kfs-config-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string, text: string | Buffer) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const files = (yaml: string) => JSON.parse(ignitionOf(yaml)).storage.files;

test('a local file becomes a data URL under contents, byte for byte', () => {
  const bytes = Buffer.from([0, 255, 10, 13, 0]);
  const key = file('key', bytes);
  const [written] = files(
    `storage: { files: [{ path: /etc/key, mode: 0o600, contents: { local: ${key} } }] }`,
  );
  assert.equal(written.mode, 0o600);
  assert.deepEqual(Buffer.from(written.contents.source.replace('data:;base64,', ''), 'base64'), bytes);
});

test('an inline text becomes one too, line ends kept', () => {
  const [written] = files('storage: { files: [{ path: /etc/hostname, contents: { inline: "n1\\n" } }] }');
  assert.equal(written.contents.source, `data:;base64,${Buffer.from('n1\n').toString('base64')}`);
});

test('elsewhere a local file stands for its text, without the line end', () => {
  const key = file('reader.pub', 'ssh-ed25519 AAAA me\n');
  const config = JSON.parse(
    ignitionOf(`passwd: { users: [{ name: core, sshAuthorizedKeys: [{ local: ${key} }] }] }`),
  );
  assert.deepEqual(config.passwd.users[0].sshAuthorizedKeys, ['ssh-ed25519 AAAA me']);
});

test('the text of a unit stays a text', () => {
  const unit = '[Unit]\nDescription=x\n';
  const yaml =
    'systemd:\n  units:\n    - name: x.mount\n      contents: |\n        [Unit]\n        Description=x\n';
  assert.equal(JSON.parse(ignitionOf(yaml)).systemd.units[0].contents, unit);
});

test('a file that is not there is named, with what to do', () => {
  assert.throws(
    () => ignitionOf('contents: { local: /nowhere/key }'),
    (error: unknown) =>
      error instanceof KfsError && /\/nowhere\/key/.test(error.message) && error.next !== undefined,
  );
});

test('the config is for its owner only, whatever was there before', () => {
  const out = file('n1.ign', 'old');
  const yaml = file('n1.yaml', 'ignition: { version: 3.3.0 }\n');
  writeConfig(yaml, out);
  assert.equal(statSync(out).mode & 0o777, 0o600);
  assert.equal(JSON.parse(readFileSync(out, 'utf8')).ignition.version, '3.3.0');
  const { mtimeNs } = statSync(out, { bigint: true });
  writeConfig(yaml, out);
  assert.equal(statSync(out, { bigint: true }).mtimeNs, mtimeNs, 'the same content is not written again');
});
