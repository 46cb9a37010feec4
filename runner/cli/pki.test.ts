import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

const state = mkdtempSync(join(tmpdir(), 'kfs-pki-cli-'));
after(() => rmSync(state, { recursive: true, force: true }));

const PLAN = `name: lab
domain: kfs.internal
network: { subnet: 10.77.0.0/24, router: 10.77.0.1, workstation: 10.77.0.2 }
api: { address: 10.77.0.10 }
machines:
  - { name: n1, mac: '52:54:00:00:00:01', address: 10.77.0.11, roles: [etcd, control, storage, node], disk: /dev/vda, data: [/dev/vdb] }
`;

/** The command as a person would give it; `input` is standard input. */
function kfs(args: string[], { input = '', folder = state } = {}) {
  const program = join(import.meta.dirname, 'main.ts');
  return spawnSync(process.execPath, [program, '--state', folder, 'pki', ...args], {
    input,
    encoding: 'utf8',
  });
}

test('without a plan nothing is made', () => {
  const { status, stderr } = kfs(['init']);
  assert.equal(status, 3);
  assert.match(stderr, /there is no plan/);
});

test('init tells what it made, and a second time that there is nothing to do', () => {
  writeFileSync(join(state, 'cluster.yaml'), PLAN);
  const first = kfs(['init', '--json']);
  assert.equal(first.status, 0, first.stderr);
  assert.equal(
    JSON.parse(first.stdout).filter(({ file }: { file: string }) => file.endsWith('.crt')).length,
    29, // 22, and 7 copies
  );
  assert.match(kfs(['init']).stdout, /^nothing to do/);
});

test('a part or a machine that does not exist is a wrong usage, and the right ones are named', () => {
  const part = kfs(['init', 'roots']);
  assert.equal(part.status, 2);
  assert.match(part.stderr, /no `roots`[\s\S]*root, authorities/);
  assert.equal(kfs(['init', '--machine', 'n9']).status, 2);
});

test('show lists every certificate, for a person and for a program', () => {
  const words = kfs(['show']);
  assert.equal(words.status, 0);
  assert.match(
    words.stdout,
    /machines\/n1\/etcd\/server\.crt +364 days +CN=n1\.kfs\.internal · server\+client/,
  );
  assert.equal(JSON.parse(kfs(['show', '--json']).stdout).length, 22);
});

test('show fails when a certificate cannot be read', () => {
  const file = join(state, 'pki', 'people', 'admin.crt');
  const kept = readFileSync(file);
  writeFileSync(file, 'no certificate');
  const { status, stdout } = kfs(['show']);
  writeFileSync(file, kept);
  assert.equal(status, 1);
  assert.match(stdout, /people\/admin\.crt +cannot be read/);
});

test('a backup takes its passphrase from standard input, and goes back into an empty place', () => {
  const file = join(state, 'backup.pem');
  const saved = kfs(['backup', file], { input: 'correct horse battery staple\n' });
  assert.equal(saved.status, 0, saved.stderr);
  const folder = join(state, 'elsewhere');
  mkdirSync(folder);
  const restored = kfs(['restore', file], { input: 'correct horse battery staple\n', folder });
  assert.equal(restored.status, 0, restored.stderr);
  assert.match(kfs(['init'], { folder }).stdout, /^nothing to do/);
});
