import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { init } from './init.ts';
import { cleanUp, emptyState, fullState, lab, machine } from './testing/lab.ts';

after(cleanUp);

const hostKey = (pki: string, name: string): string =>
  join(pki, 'machines', name, 'ssh', 'ssh_host_ed25519_key');
const keyOf = (line: string): string => line.split(' ').slice(-2).join(' ').trim();

/** The key that ssh would accept from a host of this name. */
const pinned = (file: string, name: string): string =>
  keyOf(
    spawnSync('ssh-keygen', ['-F', name, '-f', file], { encoding: 'utf8' })
      .stdout.split('\n')
      .filter(line => !line.startsWith('#'))[0] ?? '',
  );

test('ssh knows each machine by its name, its full name and its address, before it was ever seen', () => {
  const state = fullState();
  const own = execFileSync('ssh-keygen', ['-y', '-f', hostKey(state.pki, 'n1')], { encoding: 'utf8' })
    .split(' ')
    .slice(0, 2)
    .join(' ')
    .trim();
  assert.match(own, /^ssh-ed25519 /);
  for (const name of ['n1', 'n1.kfs.internal', '10.77.0.11'])
    assert.equal(pinned(state.knownHosts, name), own);
  assert.equal(pinned(state.knownHosts, 'n2'), '');
});

test('a host key that was deleted is made anew and pinned anew; other hosts stay as they are', () => {
  const state = fullState();
  const other = 'router ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPh5YvJ0f0h7xkS0wz0G1H3o0gQ3m8Yf4m6m8n1p2q3r';
  writeFileSync(state.knownHosts, `${other}\n${readFileSync(state.knownHosts, 'utf8')}`);
  assert.deepEqual(init(lab(), state), []);
  const old = pinned(state.knownHosts, 'n1');
  rmSync(hostKey(state.pki, 'n1'));
  rmSync(`${hostKey(state.pki, 'n1')}.pub`);
  assert.equal(init(lab(), state).length, 3);
  assert.notEqual(pinned(state.knownHosts, 'n1'), old);
  assert.ok(readFileSync(state.knownHosts, 'utf8').startsWith(`${other}\n`));
  assert.equal(readFileSync(state.knownHosts, 'utf8').split('\n').length, 3);
});

test('a lost public half is had again from the private one', () => {
  const state = fullState();
  const half = readFileSync(`${state.sshKey}.pub`, 'utf8');
  rmSync(`${state.sshKey}.pub`);
  init(lab(), state);
  assert.equal(readFileSync(`${state.sshKey}.pub`, 'utf8'), half);
});

test('a reader who names a key of his own gets no second one', () => {
  const state = emptyState();
  init(lab({ ssh: { user: 'core', key: '/home/reader/.ssh/id_ed25519' } }), state, { parts: ['ssh'] });
  assert.equal(existsSync(state.sshKey), false);
  assert.ok(existsSync(state.knownHosts));
});

test('each machine has a host key of its own', () => {
  const state = emptyState();
  init(lab({ machines: [machine(1), machine(2)] }), state, { parts: ['ssh'] });
  assert.notEqual(pinned(state.knownHosts, 'n1'), pinned(state.knownHosts, 'n2'));
});
