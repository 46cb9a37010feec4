import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { KfsError } from '../errors.ts';
import { filesBelow } from './files.ts';
import { init } from './init.ts';
import { cleanUp, emptyState, fullState, lab, machine, picture } from './testing/lab.ts';

after(cleanUp);

const refusal = (pattern: RegExp) => (error: unknown) =>
  error instanceof KfsError &&
  error.code === 'pki-refused' &&
  error.next !== undefined &&
  pattern.test(error.message);

const years = (count: number): Date => new Date(Date.now() + count * 365 * 24 * 60 * 60 * 1000);

const changed = (changes: { file: string }[]): string[] => changes.map(({ file }) => file).sort();

test('a second run changes nothing: no byte, no mode, no time', () => {
  const state = fullState();
  const before = picture(state.root);
  assert.deepEqual(init(lab(), state), []);
  assert.deepEqual(picture(state.root), before);
});

test('every file is 0600 in folders of 0700, and what was opened wider is closed again', () => {
  const state = fullState();
  const modes = () => filesBelow(state.root).map(file => statSync(join(state.root, file)).mode & 0o777);
  assert.deepEqual([...new Set(modes())], [0o600]);
  for (const folder of ['', 'etcd', 'machines', 'machines/n1/kubernetes']) {
    assert.equal(statSync(join(state.pki, folder)).mode & 0o777, 0o700, folder);
  }
  chmodSync(join(state.pki, 'etcd', 'ca.key'), 0o644);
  chmodSync(join(state.pki, 'etcd'), 0o755);
  assert.deepEqual(changed(init(lab(), state)), ['etcd', 'etcd/ca.key']);
  assert.equal(statSync(join(state.pki, 'etcd', 'ca.key')).mode & 0o777, 0o600);
});

test('each private key belongs to the certificate beside it, and no two certificates share a key or a serial', () => {
  const { pki } = fullState();
  const certificates = filesBelow(pki).filter(
    file => file.endsWith('.crt') && existsSync(join(pki, file.replace(/crt$/, 'key'))),
  );
  assert.equal(certificates.length, 21 + 1); // one is the copy of the Kubernetes CA
  const serials = new Set<string>();
  const keys = new Set<string>();
  for (const file of certificates) {
    const certificate = new X509Certificate(readFileSync(join(pki, file)));
    assert.ok(
      certificate.checkPrivateKey(createPrivateKey(readFileSync(join(pki, file.replace(/crt$/, 'key'))))),
      file,
    );
    assert.match(certificate.serialNumber, /^[4-7][0-9A-F]{31}$/);
    serials.add(certificate.serialNumber);
    keys.add(certificate.publicKey.export({ type: 'spki', format: 'pem' }) as string);
  }
  assert.equal(serials.size, 21);
  assert.equal(keys.size, 21);
});

test('a new machine gets its own, and what is there is left alone', () => {
  const state = fullState();
  const plan = lab({ machines: [machine(1), machine(2, { roles: ['node'] })] });
  const files = [
    'node/ca.crt',
    'node/bootstrap-token',
    'node/kube-proxy.crt',
    'node/kube-proxy.key',
    'services/ca.crt',
  ];
  const ssh = ['ssh/ssh_host_ed25519_key', 'ssh/ssh_host_ed25519_key.pub'];
  const expected = [...files, ...ssh].map(file => `machines/n2/${file}`);
  assert.deepEqual(changed(init(plan, state)), [state.knownHosts, ...expected].sort());
});

test('only the asked part of the asked machine is made', () => {
  const state = emptyState();
  const plan = lab({ machines: [machine(1), machine(2)] });
  init(plan, state, { parts: ['root', 'authorities'] });
  const made = init(plan, state, { parts: ['etcd'], machine: 'n2' });
  assert.ok(made.length > 0 && made.every(({ file }) => file.startsWith('machines/n2/etcd/')));
});

test('a part that needs an earlier one says which', () => {
  assert.throws(
    () => init(lab(), emptyState(), { parts: ['etcd'] }),
    refusal(/needs etcd\/ca\.crt, which is not there/),
  );
});

test('a changed address is certified anew, with the old key, and nothing else is touched', () => {
  const state = fullState();
  const before = picture(state.pki);
  const plan = lab({ machines: [machine(1, { address: '10.77.0.99' })] });
  const expected = ['etcd/peer', 'etcd/server', 'kubernetes/apiserver', 'services/registry'];
  assert.deepEqual(
    changed(init(plan, state)),
    [state.knownHosts, ...expected.map(name => `machines/n1/${name}.crt`)].sort(),
  );
  const kept = Object.entries(picture(state.pki)).filter(
    ([file]) => !expected.some(name => file === `machines/n1/${name}.crt`),
  );
  for (const [file, content] of kept) assert.equal(content, before[file], file);
});

test('renewing touches what has less than a third of its life left, and keeps every key', () => {
  const state = fullState();
  const keys = () =>
    filesBelow(state.root)
      .filter(file => !file.endsWith('.crt'))
      .map(file => readFileSync(join(state.root, file), 'utf8'));
  const before = keys();
  assert.deepEqual(init(lab(), state, { due: true, now: years(0.6) }), []);
  const renewed = changed(init(lab(), state, { due: true, now: years(0.7) }));
  assert.equal(renewed.length, 16);
  assert.ok(renewed.every(file => /^(cluster|machines|people|workstation)\/.*\.crt$/.test(file)));
  assert.deepEqual(keys(), before);
  const authorities = changed(
    init(lab(), state, { parts: ['root', 'authorities'], due: true, now: years(7) }),
  );
  assert.deepEqual(authorities, [
    'etcd/ca.crt',
    'front-proxy/ca.crt',
    'kubernetes/anchor.crt',
    'kubernetes/ca.crt',
    'services/ca.crt',
  ]);
  assert.deepEqual(keys(), before);
  assert.deepEqual(
    init(lab(), state, { parts: ['etcd', 'control', 'people'], now: years(0.71) }),
    [],
    'a renewed authority keeps its children',
  );
});

test('a certificate never outlives the authority that signs it', () => {
  const state = fullState();
  rmSync(join(state.pki, 'people'), { recursive: true });
  init(lab(), state, { parts: ['people'], now: years(9.5) });
  const end = (file: string) =>
    new X509Certificate(readFileSync(join(state.pki, file))).validToDate.getTime();
  assert.equal(end('people/admin.crt'), end('kubernetes/ca.crt'));
});

test('with the root key offline everything goes on, until something needs the root', () => {
  const state = fullState();
  rmSync(join(state.pki, 'root', 'ca.key'));
  assert.deepEqual(init(lab(), state), []);
  assert.ok(init(lab({ machines: [machine(1), machine(2)] }), state).length > 10);
  assert.throws(
    () =>
      init(
        lab({ domain: 'other.internal', api: { name: 'api.other.internal', address: '10.77.0.10' } }),
        state,
      ),
    refusal(/root\/ca\.crt must be issued again.*root\/ca\.key is not here to sign it/),
  );
  rmSync(join(state.pki, 'etcd', 'ca.crt'));
  assert.throws(
    () => init(lab(), state),
    refusal(/etcd\/ca\.crt must be made, and root\/ca\.key is not here/),
  );
});

test('a key that is damaged is refused and not replaced', () => {
  const state = fullState();
  const key = join(state.pki, 'etcd', 'ca.key');
  writeFileSync(key, readFileSync(key, 'utf8').slice(0, 700));
  const damaged = readFileSync(key, 'utf8');
  assert.throws(() => init(lab(), state), refusal(/etcd\/ca\.key is not a key that can be read/));
  assert.equal(readFileSync(key, 'utf8'), damaged);
});

test('a certificate that was damaged, or signed by somebody else, is issued again', () => {
  const state = fullState();
  const other = emptyState();
  init(lab(), other, { parts: ['root', 'authorities', 'people'] });
  const admin = join(state.pki, 'people', 'admin.crt');
  writeFileSync(join(state.pki, 'people', 'break-glass.crt'), 'no certificate');
  writeFileSync(admin, readFileSync(join(other.pki, 'people', 'admin.crt')));
  assert.deepEqual(changed(init(lab(), state)), ['people/admin.crt', 'people/break-glass.crt']);
});

test('a copy in the folder of a machine follows its original', () => {
  const state = fullState();
  rmSync(join(state.pki, 'secrets', 'bootstrap-token'));
  assert.deepEqual(changed(init(lab(), state)), [
    'machines/n1/node/bootstrap-token',
    'secrets/bootstrap-token',
  ]);
});
