import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { KfsError } from '../errors.ts';
import type { StatePaths } from '../state.ts';
import { backup, restore } from './backup.ts';
import { filesBelow } from './files.ts';
import { init } from './init.ts';
import { cleanUp, emptyState, fullState, lab } from './testing/lab.ts';

const PASSPHRASE = 'correct horse battery staple';
const knows = async () => PASSPHRASE;
const mustNotAsk = async () => assert.fail('it asked for the passphrase');

let state: StatePaths;
let file: string;
before(async () => {
  state = fullState();
  writeFileSync(state.plan, 'name: lab\n');
  file = join(state.root, 'backup.pem');
  await backup(state, file, knows);
});
after(cleanUp);

const refused = (pattern: RegExp) => (error: unknown) =>
  error instanceof KfsError &&
  error.code === 'pki-refused' &&
  error.next !== undefined &&
  pattern.test(error.message);

const contents = (folder: string): Record<string, string> =>
  Object.fromEntries(filesBelow(folder).map(path => [path, readFileSync(join(folder, path), 'utf8')]));

test('plain openssl and tar open a backup, without this program', () => {
  const folder = emptyState().root;
  writeFileSync(join(folder, 'passphrase'), `${PASSPHRASE}\n`);
  const args = [
    'cms',
    '-decrypt',
    '-inform',
    'PEM',
    '-in',
    file,
    '-inkey',
    file,
    '-passin',
    `file:${join(folder, 'passphrase')}`,
  ];
  execFileSync('openssl', [...args, '-out', join(folder, 'all.tar')]);
  execFileSync('tar', ['--extract', '--file', join(folder, 'all.tar'), '--directory', folder]);
  assert.deepEqual(contents(join(folder, 'pki')), contents(state.pki));
  assert.equal(readFileSync(join(folder, 'ssh', 'id_ed25519'), 'utf8'), readFileSync(state.sshKey, 'utf8'));
  assert.equal(readFileSync(join(folder, 'cluster.yaml'), 'utf8'), 'name: lab\n');
});

test('nothing secret can be read in a backup, and others cannot read even that', () => {
  const sealed = readFileSync(file, 'utf8');
  assert.deepEqual(sealed.match(/-----BEGIN .*-----/g), [
    '-----BEGIN ENCRYPTED PRIVATE KEY-----',
    '-----BEGIN CMS-----',
  ]);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const algorithms = spawnSync(
    'openssl',
    ['cms', '-cmsout', '-print', '-noout', '-inform', 'PEM', '-in', file],
    { encoding: 'utf8' },
  ).stdout;
  assert.match(algorithms, /id-smime-ct-authEnvelopedData/);
  assert.match(algorithms, /aes-256-gcm/);
  assert.match(spawnSync('openssl', ['asn1parse', '-in', file], { encoding: 'utf8' }).stdout, /:scrypt/);
});

test('restored into an empty place everything is as it was, and there is nothing to do', async () => {
  const other = emptyState();
  const written = await restore(other, file, [], knows);
  assert.equal(written.length, filesBelow(state.pki).length + 4);
  assert.deepEqual(contents(other.pki), contents(state.pki));
  assert.deepEqual(init(lab(), other), []);
  assert.deepEqual(
    filesBelow(other.root).filter(path => path.startsWith('.')),
    [],
  );
});

test('a later backup needs no passphrase, and the same one opens it', async () => {
  const later = join(state.root, 'later.pem');
  await backup(state, later, mustNotAsk);
  await restore(emptyState(), later, [], knows);
});

test('keys that are there are never overwritten', async () => {
  const before = contents(state.pki);
  await assert.rejects(restore(state, file, [], mustNotAsk), refused(/there are keys in .* already/));
  const other = fullState();
  rmSync(join(other.pki, 'root'), { recursive: true });
  init(lab(), other);
  await assert.rejects(
    restore(other, file, ['root/ca.key'], knows),
    refused(/is there already, and differs/),
  );
  assert.deepEqual(contents(state.pki), before);
});

test('the root key alone comes back from a backup', async () => {
  const other = fullState();
  const key = readFileSync(join(other.pki, 'root', 'ca.key'), 'utf8');
  const own = join(other.root, 'own.pem');
  await backup(other, own, knows);
  rmSync(join(other.pki, 'root', 'ca.key'));
  assert.deepEqual(await restore(other, own, ['root/ca.key'], knows), ['pki/root/ca.key']);
  assert.equal(readFileSync(join(other.pki, 'root', 'ca.key'), 'utf8'), key);
  assert.equal(statSync(join(other.pki, 'root', 'ca.key')).mode & 0o777, 0o600);
  await assert.rejects(restore(other, own, ['root/none.key'], knows), refused(/is not in the backup/));
});

test('a later backup never takes the place of the one that holds the key of the root', async () => {
  const other = fullState();
  const first = join(other.root, 'first.pem');
  assert.match(await backup(other, first, knows), /, with the key of the root$/);
  const before = readFileSync(first, 'utf8');
  await backup(other, join(other.root, 'second.pem'), mustNotAsk);
  rmSync(join(other.pki, 'root', 'ca.key'));
  await assert.rejects(backup(other, first, mustNotAsk), refused(/holds the key of the root/));
  assert.equal(readFileSync(first, 'utf8'), before);
  const later = join(other.root, 'later.pem');
  assert.match(await backup(other, later, mustNotAsk), /, without the key of the root$/);
  await backup(other, later, mustNotAsk);
  await assert.rejects(restore(other, later, ['root/ca.key'], knows), refused(/is not in the backup/));
  await restore(other, first, ['root/ca.key'], knows);
});

test('a wrong passphrase opens nothing', async () => {
  const other = emptyState();
  await assert.rejects(
    restore(other, file, [], async () => 'wrong horse'),
    refused(/the passphrase does not open/),
  );
  assert.equal(existsSync(other.pki), false);
});

test('a backup of which one letter was changed, or the end is missing, is refused whole', async () => {
  const lines = readFileSync(file, 'utf8').split('\n');
  const middle = Math.floor(lines.length / 2);
  const line = lines[middle]!;
  const changed = [
    ...lines.slice(0, middle),
    (line.startsWith('A') ? 'B' : 'A') + line.slice(1),
    ...lines.slice(middle + 1),
  ];
  const cut = [...lines.slice(0, middle), ...lines.slice(-2)];
  for (const broken of [changed, cut]) {
    const other = emptyState();
    mkdirSync(other.root, { recursive: true });
    const bad = join(other.root, 'bad.pem');
    writeFileSync(bad, broken.join('\n'));
    await assert.rejects(restore(other, bad, [], knows), refused(/is damaged/));
    assert.equal(existsSync(other.pki), false);
  }
});

test('a passphrase that can be guessed is refused', async () => {
  const other = fullState();
  await assert.rejects(
    backup(other, join(other.root, 'b.pem'), async () => 'short'),
    refused(/too short/),
  );
  assert.equal(existsSync(join(other.root, 'b.pem')), false);
});

test('where there is nothing to save, it says so', async () => {
  const other = emptyState();
  await assert.rejects(backup(other, join(other.root, 'b.pem'), mustNotAsk), refused(/nothing to save/));
});

test('the passphrase is never on a command line', async () => {
  const other = fullState();
  const folder = join(other.root, 'bin');
  mkdirSync(folder);
  const log = join(other.root, 'seen');
  for (const program of ['openssl', 'tar']) {
    const real = execFileSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).trim();
    writeFileSync(
      join(folder, program),
      `#!/bin/sh\n{ tr '\\0' '\\n' </proc/$$/cmdline; env; } >>${log}\nexec ${real} "$@"\n`,
      { mode: 0o755 },
    );
  }
  const path = process.env.PATH;
  process.env.PATH = `${folder}:${path}`;
  try {
    await backup(other, join(other.root, 'b.pem'), knows);
    await restore(emptyState(), join(other.root, 'b.pem'), [], knows);
  } finally {
    process.env.PATH = path;
  }
  const seen = readFileSync(log, 'utf8');
  assert.match(seen, /authenveloped|-decrypt/i);
  assert.ok(!seen.includes(PASSPHRASE) && !seen.includes('PRIVATE KEY'));
});
