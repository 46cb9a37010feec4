import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { secretsOfList } from './cluster.ts';
import { secretsOfPem } from './values.ts';

const secret = (name: string, data: Record<string, string>, type = 'Opaque') => ({
  type,
  metadata: { name, namespace: 'book' },
  data: Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
  ),
});

const found = (...items: object[]) => secretsOfList(JSON.stringify({ items }));

test("of the cluster's Secrets a word that nobody guesses is looked for, and a private key", () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const word = '0123456789abcdef0123456789abcdef';
  assert.deepEqual(found(secret('note', { word: `${word}\n` }), secret('tls', { 'tls.key': key })), [
    { name: 'Secret book/note: word', bytes: Buffer.from(word) },
    ...secretsOfPem('Secret book/tls: tls.key', key),
  ]);
});

test('what is public in a Secret is not: the words that the book writes itself, and of a token all but its half', () => {
  const token = {
    'token-id': 'abcdef',
    'token-secret': 's4edqylyopm156pi',
    expiration: '2026-01-01T00:00:00Z',
    'auth-extra-groups': 'system:bootstrappers:machines',
  };
  const finds = found(
    secret('sealed', { words: 'correct horse battery staple' }),
    secret('token', token, 'bootstrap.kubernetes.io/token'),
    { metadata: { name: 'empty' } },
  );
  assert.deepEqual(
    finds.map(({ name }) => name),
    ['Secret book/token: token-secret'],
  );
});
