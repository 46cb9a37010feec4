import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type MirrorServer, serveMirror } from './serve.ts';
import { testFolder } from './testing/folder.ts';

async function served(t: TestContext): Promise<MirrorServer> {
  const folder = testFolder(t);
  const mirror = join(folder, 'mirror');
  mkdirSync(join(mirror, 'etcd', '3.7.3', 'amd64'), { recursive: true });
  writeFileSync(join(mirror, 'etcd', '3.7.3', 'amd64', 'etcd'), 'the program');
  writeFileSync(join(mirror, '.lock'), 'ours');
  writeFileSync(join(folder, 'secret'), 'a key');
  mkdirSync(join(folder, 'mirror-of-another'));
  writeFileSync(join(folder, 'mirror-of-another', 'secret'), 'a key');
  const server = await serveMirror(mirror, '127.0.0.1', 0);
  t.after(() => server.close());
  return server;
}

/** A request as it is, without a client that would tidy up the path. */
function raw({ url }: MirrorServer, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    let answer = '';
    socket.on('data', bytes => {
      answer += bytes;
    });
    socket.on('error', reject).on('close', () => resolve(answer));
    socket.write(`${request} HTTP/1.1\r\nhost: mirror\r\nconnection: close\r\n\r\n`);
  });
}

const ETCD = '/etcd/3.7.3/amd64/etcd';

test('the mirror serves its files, whole and in part', async t => {
  const { url } = await served(t);
  const whole = await fetch(url + ETCD);
  assert.deepEqual([whole.status, await whole.text()], [200, 'the program']);
  const rest = await fetch(url + ETCD, { headers: { range: 'bytes=4-' } });
  assert.deepEqual([rest.status, await rest.text()], [206, 'program']);
  const head = await fetch(url + ETCD, { method: 'HEAD' });
  assert.equal(head.headers.get('content-length'), '11');
});

test('what is not there is 404, for folders and for our own files too', async t => {
  const { url } = await served(t);
  for (const path of ['/', '/etcd', '/etcd/', '/nothing', '/.lock']) {
    const answer = await fetch(url + path);
    assert.deepEqual([path, answer.status, await answer.text()], [path, 404, 'not in the mirror\n']);
  }
});

test('nothing can be written', async t => {
  const { url } = await served(t);
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
    const answer = await fetch(url + ETCD, { method, body: 'other bytes' });
    assert.deepEqual([method, answer.status, answer.headers.get('allow')], [method, 405, 'GET, HEAD']);
  }
});

test('no path leads out of it', async t => {
  const server = await served(t);
  const paths = [
    '/../secret',
    '/etcd/../../secret',
    '/%2e%2e/secret',
    '/..%2fsecret',
    '/%2e%2e%2fsecret',
    '/../mirror-of-another/secret',
    '/..%2fmirror-of-another/secret',
    '//secret',
    '/etcd/3.7.3/amd64/etcd%00',
    '/%',
  ];
  for (const path of paths) {
    const answer = await raw(server, `GET ${path}`);
    assert.doesNotMatch(answer, /a key/, path);
    assert.match(answer, /^HTTP\/1\.1 40[04] /, path);
  }
  assert.match(await raw(server, `GET ${ETCD}`), /the program$/);
});

test('a port that is taken, an address that is not ours and a missing mirror are said with the next action', async t => {
  const { url } = await served(t);
  const mirror = testFolder(t);
  await assert.rejects(serveMirror(mirror, '127.0.0.1', Number(new URL(url).port)), {
    code: 'refused',
    next: 'end what listens there, or choose another --port',
  });
  await assert.rejects(serveMirror(mirror, '192.0.2.1', 0), {
    code: 'refused',
    next: /does not have that address/,
  });
  await assert.rejects(async () => serveMirror(join(mirror, 'nowhere'), '127.0.0.1', 0), {
    code: 'software-invalid',
    next: 'kfs software build',
  });
});
