import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HELLO_PATH } from '../protocol/messages.ts';
import { serverFixture } from './testing/server-fixture.ts';
import { fetchRaw, type Knock } from './testing/visitor.ts';

test('the book is served with headers that let nothing foreign run, frame or follow it', async () => {
  await using fixture = await serverFixture();
  const { status, headers, body } = await fetchRaw(fixture.address.port, '/');
  assert.equal(status, 200);
  assert.match(body, /<title>Book/);
  const policy = String(headers['content-security-policy']);
  assert.match(policy, /script-src 'self' 'wasm-unsafe-eval' 'sha256-[^']+';/);
  assert.doesNotMatch(policy.replace(/style-src[^;]*/, ''), /unsafe-inline/);
  assert.match(policy, /frame-ancestors 'none'/);
  assert.equal(headers['x-content-type-options'], 'nosniff');
  assert.equal(headers['referrer-policy'], 'no-referrer');
  assert.equal(headers['cross-origin-opener-policy'], 'same-origin');
  assert.equal(headers['set-cookie'], undefined);
});

for (const host of ['evil.example', '127.0.0.1', '127.0.0.1.evil.example', '[::1]']) {
  test(`a request for the host “${host}” is refused: a name re-bound to 127.0.0.1 is not ours`, async () => {
    await using fixture = await serverFixture();
    const { port, token } = fixture.address;
    const name = host.startsWith('127.0.0.1') ? host : `${host}:${port}`;
    const answer = await fetchRaw(port, '/', { host: name, authorization: `Bearer ${token}` });
    assert.equal(answer.status, 421);
    assert.equal(JSON.parse(answer.body).reason, 'host-foreign');
    assert.equal(
      await fixture.visit({ host: name, origin: `http://${name}` }).knocked(),
      name === '' ? 400 : 421,
    );
  });
}

test('localhost is ours, with its own origin and not with the other', async () => {
  await using fixture = await serverFixture();
  const { port } = fixture.address;
  const host = `localhost:${port}`;
  assert.equal(await fixture.visit({ host, origin: `http://${host}` }).knocked(), 'open');
  assert.equal(await fixture.visit({ host, origin: `http://127.0.0.1:${port}` }).knocked(), 403);
});

const doors: [string, Knock, number][] = [
  ['a page of another origin', { origin: 'https://evil.example' }, 403],
  ['a page of another port of this host', { origin: 'http://127.0.0.1:1' }, 403],
  ['a page without origin, such as a file', { origin: 'null' }, 403],
  ['a program that sends no origin', { origin: null }, 403],
  ['a page without token', { token: null }, 401],
  ['a page with another token', { token: 'f'.repeat(64) }, 401],
  ['a page with a token that is longer', { token: 'f'.repeat(640) }, 401],
  ['another path', { path: '/api/other' }, 404],
];
for (const [who, knock, status] of doors) {
  test(`${who} is turned away before the upgrade`, async () => {
    await using fixture = await serverFixture();
    assert.equal(await fixture.visit(knock).knocked(), status);
    assert.equal(fixture.server.hub.pages.size, 0);
  });
}

test('a page that offers the token but not our protocol is turned away', async () => {
  await using fixture = await serverFixture();
  const protocols = [`token.${fixture.address.token}`, 'kfs.v9'];
  assert.equal(await fixture.visit({ protocols }).knocked(), 426);
});

test('the token never comes back in an answer', async () => {
  await using fixture = await serverFixture();
  const visitor = fixture.visit();
  await visitor.enter();
  assert.equal(visitor.socket.protocol, 'kfs.v1');
  assert.doesNotMatch(JSON.stringify(visitor.messages), new RegExp(fixture.address.token));
});

test('what is behind /api/ needs the token, also for GET', async () => {
  await using fixture = await serverFixture();
  const { port, token } = fixture.address;
  assert.equal((await fetchRaw(port, HELLO_PATH)).status, 401);
  assert.equal((await fetchRaw(port, HELLO_PATH, { authorization: 'Bearer 00' })).status, 401);
  const hello = await fetchRaw(port, HELLO_PATH, { authorization: `Bearer ${token}` });
  assert.equal(JSON.parse(hello.body).name, 'kfs');
  const foreign = { authorization: `Bearer ${token}`, origin: 'https://evil.example' };
  assert.equal((await fetchRaw(port, HELLO_PATH, foreign)).status, 403);
});

test('nothing is changed over HTTP: every method but GET and HEAD is refused', async () => {
  await using fixture = await serverFixture();
  const { port, token } = fixture.address;
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
    const answer = await fetchRaw(port, HELLO_PATH, { authorization: `Bearer ${token}` }, method);
    assert.equal(answer.status, 405, method);
    assert.equal(answer.headers.allow, 'GET, HEAD');
    assert.equal(answer.headers['access-control-allow-origin'], undefined);
  }
});

const climbs = [
  '/../secret.txt',
  '/..%2fsecret.txt',
  '/%2e%2e/secret.txt',
  '/%2e%2e%2fsecret.txt',
  '/_astro/../../secret.txt',
  '/..\\secret.txt',
  '/%00/../secret.txt',
  '//../secret.txt',
  '/%ff',
];
for (const path of climbs) {
  test(`the path ${path} leads out of nothing`, async () => {
    await using fixture = await serverFixture();
    const answer = await fetchRaw(fixture.address.port, path);
    assert.notEqual(answer.status, 200);
    assert.doesNotMatch(answer.body, /secret/);
  });
}

test('a run’s transcript cannot be asked for by a path', async () => {
  await using fixture = await serverFixture();
  const { port, token } = fixture.address;
  for (const name of ['..%2f..%2fsecret.txt', '../secret.raw', 'nothing.raw', '%2e%2e.raw']) {
    const answer = await fetchRaw(port, `/api/runs/${name}`, { authorization: `Bearer ${token}` });
    assert.equal(answer.status, 404, name);
  }
});
