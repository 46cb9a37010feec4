import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { textsOf } from './needles.ts';
import { secretsOfPem } from './values.ts';

const found = (text: string, bytes: Buffer): boolean => textsOf(bytes).some(needle => text.includes(needle));

for (const type of ['ec', 'rsa', 'ed25519'] as const) {
  const { privateKey, publicKey } =
    type === 'ec'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : type === 'rsa'
        ? generateKeyPairSync('rsa', { modulusLength: 2048 })
        : generateKeyPairSync('ed25519');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const secrets = secretsOfPem('key', pem).map(({ bytes }) => bytes);

  test(`an ${type} key is found as PEM, in a kubeconfig, as hex, and as openssl prints it`, () => {
    const base64 = Buffer.from(pem).toString('base64');
    const printed = execFileSync('openssl', ['pkey', '-text', '-noout'], { input: pem, encoding: 'utf8' });
    const der = privateKey.export({ type: 'pkcs8', format: 'der' });
    for (const text of [
      pem,
      `client-key-data: ${base64}`,
      der.toString('hex'),
      printed,
      der.toString('base64url'),
    ])
      assert.ok(
        secrets.some(bytes => found(text, bytes)),
        text.slice(0, 200),
      );
  });

  test(`the public half of an ${type} key is no secret`, () => {
    const pub = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const printed = execFileSync('openssl', ['pkey', '-pubin', '-text', '-noout'], {
      input: pub,
      encoding: 'utf8',
    });
    for (const text of [pub, printed, Buffer.from(pub).toString('base64')])
      assert.ok(!secrets.some(bytes => found(text, bytes)));
  });
}

test('bytes are found in base64 at every offset, whatever stands beside them, and in broken lines', () => {
  for (let round = 0; round < 200; round++) {
    const bytes = randomBytes(32);
    const whole = Buffer.concat([randomBytes(round % 50), bytes, randomBytes(round % 7)]).toString('base64');
    assert.ok(found(whole, bytes));
    assert.ok(found(whole.replace(/.{64}/g, '$&\n'), bytes));
  }
});

test('a token is found as it is and inside of base64', () => {
  const token = Buffer.from('s4edqylyopm156pi');
  assert.ok(found('Authorization: Bearer abcdef.s4edqylyopm156pi', token));
  assert.ok(found(Buffer.from('{"token":"abcdef.s4edqylyopm156pi"}').toString('base64'), token));
  assert.ok(!found('abcdef', token));
});
