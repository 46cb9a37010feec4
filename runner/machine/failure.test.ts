import assert from 'node:assert/strict';
import { it } from 'node:test';
import { explainSsh } from './failure.ts';

const target = { name: 'm1', configFile: '/state/ssh/config' };
const SAID: [string, string][] = [
  ['ssh: connect to host 10.0.0.1 port 22: Connection refused\r\n', 'machine-unreachable'],
  ['ssh: connect to host 10.0.0.1 port 22: No route to host', 'machine-unreachable'],
  ['ssh: Could not resolve hostname m1: Name or service not known', 'machine-unreachable'],
  ['kex_exchange_identification: Connection reset by peer', 'machine-unreachable'],
  ['Timeout, server 10.0.0.1 not responding.', 'machine-unreachable'],
  ['', 'machine-unreachable'],
  [
    '"System is booting up. Unprivileged users are not permitted to log in yet."\nConnection closed by 10.0.0.1 port 22',
    'machine-unreachable',
  ],
  ['core@10.0.0.1: Permission denied (publickey).', 'login-refused'],
  [
    'No ED25519 host key is known for m1 and you have requested strict checking.\nHost key verification failed.',
    'host-key-unknown',
  ],
  [
    '@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\nHost key verification failed.',
    'host-key-changed',
  ],
];

it("what ssh says becomes a code, a sentence with the machine's name, and a next action", () => {
  for (const [said, code] of SAID) {
    const error = explainSsh(target, said);
    assert.equal(error.code, code, said);
    assert.match(error.message, /m1/);
    assert.ok(error.next);
  }
});

it('a machine that is booting lets nobody in yet, and the error says so', () => {
  const said = 'System is booting up. Unprivileged users are not permitted to log in yet.\nConnection closed';
  assert.match(explainSsh(target, said).message, /m1 cannot be reached: it is booting up and lets nobody in/);
});

it('a changed key tells what to do when the machine was reinstalled on purpose', () => {
  assert.match(
    explainSsh(target, 'REMOTE HOST IDENTIFICATION HAS CHANGED').next ?? '',
    /reinstalled on purpose/,
  );
});
