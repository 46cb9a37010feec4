/** Every certificate, looked at by OpenSSL: for what it is meant, and for what it must not be good for. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { StatePaths } from '../state.ts';
import { catalogue } from './catalogue.ts';
import { issue, newStamp, publicHalf } from './certificate.ts';
import type { Certificate } from './entry.ts';
import { newKey } from './keys.ts';
import { cleanUp, fullState, lab, openssl, text } from './testing/lab.ts';

let state: StatePaths;
before(() => {
  state = fullState();
});
after(cleanUp);

const at = (file: string): string => join(state.pki, file);
const certificates = catalogue(lab()).filter(entry => entry.kind === 'certificate');
const leaves = certificates.filter(({ authority }) => !authority);
const AUTHORITIES = ['etcd/ca', 'kubernetes/ca', 'front-proxy/ca', 'services/ca'];

const verify = (file: string, authority: string, ...more: string[]) =>
  openssl(
    'verify',
    '-x509_strict',
    '-partial_chain',
    '-CAfile',
    at(`${authority}.crt`),
    ...more,
    at(`${file}.crt`),
  );
const underRoot = (file: string, authority: string, ...more: string[]) =>
  openssl(
    'verify',
    '-x509_strict',
    '-CAfile',
    at('root/ca.crt'),
    '-untrusted',
    at(`${authority}.crt`),
    ...more,
    file,
  );

const assertRefused = ({ ok, output }: { ok: boolean; output: string }, why: RegExp) => {
  assert.equal(ok, false, output);
  assert.match(output, why);
};

/** A certificate that the program would never make, signed with the key of an authority; path without ending. */
function forged(authority: string, change: Partial<Certificate>, name = 'forged'): string {
  const key = newKey(2048);
  const issuer = readFileSync(at(`${authority}.crt`), 'utf8');
  const entry = { ...leaves[0]!, ...change };
  const signer = { certificate: issuer, key: readFileSync(at(`${authority}.key`), 'utf8') };
  writeFileSync(
    at(`${name}.crt`),
    issue(entry, publicHalf(key), signer, newStamp(entry, new Date(), issuer)),
  );
  writeFileSync(at(`${name}.key`), key);
  return at(`${name}.crt`);
}

test('each certificate is accepted by its own authority, for its own purpose only', () => {
  const purposes = { server: 'sslserver', client: 'sslclient' } as const;
  for (const { file, issuer, usages } of leaves) {
    for (const usage of ['server', 'client'] as const) {
      const answer = verify(file, issuer, '-purpose', purposes[usage]);
      if (usages.includes(usage)) assert.ok(answer.ok, answer.output);
      else assertRefused(answer, /unsuitable certificate purpose|unsupported certificate purpose/);
    }
  }
});

test('each certificate is refused by every other authority', () => {
  for (const { file, issuer } of leaves) {
    for (const other of AUTHORITIES.filter(authority => authority !== issuer)) {
      assertRefused(verify(file, other), /unable to get local issuer certificate/);
    }
  }
});

test('a verifier that trusted the root would accept them all: that is why none does', () => {
  for (const { file, issuer } of leaves) {
    const answer = underRoot(at(`${file}.crt`), issuer);
    assert.ok(answer.ok, answer.output);
  }
});

test('each server certificate is good for each of its names and addresses, and for no other', () => {
  for (const { file, issuer, names, addresses } of leaves.filter(({ usages }) => usages.includes('server'))) {
    for (const name of names) assert.ok(verify(file, issuer, '-verify_hostname', name).ok, `${file} ${name}`);
    for (const address of addresses)
      assert.ok(verify(file, issuer, '-verify_ip', address).ok, `${file} ${address}`);
    assertRefused(verify(file, issuer, '-verify_hostname', 'n2.kfs.internal'), /hostname mismatch/i);
    assertRefused(verify(file, issuer, '-verify_ip', '10.77.0.12'), /IP address mismatch/i);
  }
});

test('the API server is called by its name, its addresses and as pods call it', () => {
  const { names, addresses } = leaves.find(({ file }) => file.endsWith('/apiserver'))!;
  const wanted = [
    'api.kfs.internal',
    'n1.kfs.internal',
    'kubernetes',
    'kubernetes.default',
    'kubernetes.default.svc',
  ];
  for (const name of [...wanted, 'kubernetes.default.svc.cluster.local', 'localhost'])
    assert.ok(names.includes(name), name);
  assert.deepEqual(addresses, ['10.77.0.10', '10.96.0.1', '10.77.0.11', '127.0.0.1']);
});

test('Kubernetes reads the right user and group from each client', () => {
  const subjects: Record<string, string> = Object.fromEntries(
    leaves.map(({ file }) => [
      file.split('/').at(-1),
      openssl('x509', '-in', at(`${file}.crt`), '-noout', '-subject', '-nameopt', 'RFC2253').output.trim(),
    ]),
  );
  assert.equal(subjects['controller-manager'], 'subject=CN=system:kube-controller-manager');
  assert.equal(subjects.scheduler, 'subject=CN=system:kube-scheduler');
  assert.equal(subjects['node-approver'], 'subject=CN=kfs:node-approver');
  assert.equal(subjects['kube-proxy'], 'subject=CN=system:kube-proxy');
  assert.equal(subjects['apiserver-kubelet-client'], 'subject=CN=kube-apiserver-kubelet-client');
  assert.equal(subjects.admin, 'subject=CN=admin,O=kfs:cluster-admins');
  const masters = Object.values(subjects).filter(subject => subject.includes('system:masters'));
  assert.deepEqual(masters, ['subject=CN=break-glass,O=system:masters']);
});

test('each certificate says what it is in the extensions that verifiers read', () => {
  for (const { file, authority, bits } of certificates) {
    const words = text(at(`${file}.crt`));
    const basic = authority ? `CA:TRUE, pathlen:${authority.pathLength}` : 'CA:FALSE';
    const usage = authority ? 'Certificate Sign, CRL Sign' : 'Digital Signature';
    assert.ok(words.includes(`Basic Constraints: critical\n                ${basic}\n`), file);
    assert.ok(words.includes(`Key Usage: critical\n                ${usage}\n`), file);
    assert.match(words, /Subject Key Identifier:[\s\S]*Authority Key Identifier:/);
    assert.ok(words.includes(`Public-Key: (${bits} bit)`) && words.includes('sha256WithRSAEncryption'), file);
  }
});

test('a client without the partial chain needs the anchor, and the anchor is enough', () => {
  const api = at('machines/n1/kubernetes/apiserver.crt');
  const strict = (file: string) =>
    openssl('verify', '-x509_strict', '-CAfile', at(file), '-verify_hostname', 'kubernetes.default.svc', api);
  assertRefused(strict('kubernetes/ca.crt'), /unable to get issuer certificate/);
  assert.ok(strict('kubernetes/anchor.crt').ok);
});

test('the root vouches for nothing outside the domain and the subnet, whoever has signed', () => {
  const names = [
    { names: ['bank.example'], addresses: [] },
    { names: [], addresses: ['192.0.2.1'] },
    { names: ['n1'], addresses: [] },
  ];
  for (const outside of names) {
    assertRefused(
      underRoot(forged('services/ca', { usages: ['server'], ...outside }), 'services/ca'),
      /permitted subtree violation/,
    );
  }
  const inside = forged('services/ca', {
    usages: ['server'],
    names: ['anything.kfs.internal'],
    addresses: ['10.77.0.200'],
  });
  assert.ok(underRoot(inside, 'services/ca').ok);
});

test('no authority can make another one below it', () => {
  const below = forged(
    'etcd/ca',
    { authority: { pathLength: 0 }, usages: ['server', 'client'], commonName: 'below' },
    'below',
  );
  const leaf = forged('below', { names: [], addresses: [], usages: ['client'] });
  const chain = ['-partial_chain', '-CAfile', at('etcd/ca.crt'), '-untrusted', below];
  assertRefused(openssl('verify', '-x509_strict', ...chain, leaf), /path length constraint exceeded/);
});

test('an authority for clients cannot make a server, nor one for servers a client', () => {
  const server = forged('front-proxy/ca', { usages: ['server'], names: ['api.kfs.internal'], addresses: [] });
  assertRefused(underRoot(server, 'front-proxy/ca', '-purpose', 'sslserver'), /purpose/);
  const client = forged('services/ca', {
    usages: ['client'],
    names: [],
    addresses: [],
    organization: 'system:masters',
  });
  assertRefused(underRoot(client, 'services/ca', '-purpose', 'sslclient'), /purpose/);
});
