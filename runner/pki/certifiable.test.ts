import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, test } from 'node:test';
import { KfsError } from '../errors.ts';
import type { Plan } from '../plan/plan.ts';
import { init } from './init.ts';
import { cleanUp, emptyState, lab, machine } from './testing/lab.ts';

after(cleanUp);

const REFUSED: [string, Partial<Plan>, RegExp][] = [
  ['without machines', { machines: [] }, /it has no machine/],
  ['with a wildcard for a domain', { domain: '*.kfs.internal' }, /`domain` is the wildcard/],
  [
    'with a wildcard for the API',
    { api: { name: '*.kfs.internal', address: '10.77.0.10' } },
    /`api\.name` is the wildcard/,
  ],
  ['with a domain of one label', { domain: 'local' }, /not a full name/],
  [
    'with an API name that is an address',
    { api: { name: '10.77.0.10', address: '10.77.0.10' } },
    /not a full name/,
  ],
  [
    'with a machine of an impossible name',
    { machines: [machine(1, { name: 'n_1' })] },
    /`n_1` is not a host name/,
  ],
  [
    'with a machine outside the subnet',
    { machines: [machine(1, { address: '10.78.0.11' })] },
    /address of n1, 10\.78\.0\.11, is outside/,
  ],
  [
    'with an API outside the subnet',
    { api: { name: 'api.kfs.internal', address: '192.168.1.5' } },
    /api\.address, 192\.168\.1\.5, is outside/,
  ],
  ['with an address that is none', { machines: [machine(1, { address: 'n1' })] }, /not an IPv4 address/],
  [
    'with a name too long for X.509',
    { domain: `${'a'.repeat(60)}.internal` },
    /72 characters, X\.509 allows 64/,
  ],
];

for (const [which, change, message] of REFUSED) {
  test(`a plan ${which} is refused before the first key is made`, () => {
    const state = emptyState();
    const refused = (error: unknown) =>
      error instanceof KfsError &&
      error.code === 'pki-refused' &&
      error.next !== undefined &&
      message.test(error.message);
    assert.throws(() => init(lab(change), state), refused);
    assert.equal(existsSync(state.pki), false);
  });
}

test('an API name outside the domain of the machines is certified, and the root may vouch for it', () => {
  const state = emptyState();
  const plan = lab({ api: { name: 'k8s.example.org', address: '10.77.0.10' } });
  assert.ok(init(plan, state, { parts: ['root'] }).length > 0);
});
