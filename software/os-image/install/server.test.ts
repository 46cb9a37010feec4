/** Real certificates, a real TLS server, and curl as the installer calls it. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { cleanUp, fullState } from '../../../runner/pki/testing/lab.ts';
import { IMAGE_PATH } from '../place.ts';
import { Armings, type InstallMachine } from './arming.ts';
import { type Asked, Requests } from './requests.ts';
import { serveInstall } from './server.ts';

after(cleanUp);
const run = promisify(execFile);

const N1: InstallMachine = {
  ...{ name: 'n1', mac: '52:54:00:77:00:11', address: '127.0.0.1', disk: '/dev/ubda' },
};
const soon = () => new Date(Date.now() + 60_000);
const DIGEST = 'd'.repeat(64);

async function workstation(t: TestContext) {
  const { root, pki } = fullState();
  const at = (...parts: string[]) => join(root, ...parts);
  const put = (file: string, text: string) => {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  };
  put(at('mirror', IMAGE_PATH, 'os.raw.zst.sha256'), `${DIGEST}  os.raw.zst\n`);
  put(at('mirror', IMAGE_PATH, 'os.raw.size'), '4096\n');
  put(at('os', 'n1.ign'), '{"the": "host key"}\n');
  const heard: Asked[] = [];
  const options = {
    folder: at('os', 'install'),
    configs: at('os'),
    mirror: { folder: at('mirror'), url: 'http://10.77.0.2:8080' },
    tls: { certificate: join(pki, 'workstation/server.crt'), key: join(pki, 'workstation/server.key') },
    address: '127.0.0.1',
    port: 0,
    onRequest: (asked: Asked) => void heard.push(asked),
  };
  const server = await serveInstall(options);
  t.after(() => server.close());
  const curl = async (macs: string, more: string[] = [], ca = join(pki, 'services/ca.crt')) => {
    const { stdout } = await run('curl', [
      ...['--silent', '--show-error', '--proto', '=https', '--cacert', ca, '--data-binary', macs],
      ...['--write-out', '%{http_code}', ...more, `${server.url}/install`],
    ]);
    return { status: Number(stdout.slice(-3)), text: stdout.slice(0, -3) };
  };
  return { armings: new Armings(options.folder), curl, server, heard, options, at, pki };
}

test('an armed machine is given its job once; the second request is refused and remembered', async t => {
  const { armings, curl, heard, options } = await workstation(t);
  await armings.arm(N1, soon());
  const first = await curl(`aa:aa:aa:aa:aa:aa\n${N1.mac.toUpperCase()}\n`);
  assert.equal(first.status, 200);
  assert.equal(
    first.text,
    `machine n1\ndisk /dev/ubda\nimage http://10.77.0.2:8080/${IMAGE_PATH}/os.raw.zst\nsha256 ${DIGEST}\nsize 4096\n\n{"the": "host key"}\n`,
  );
  const second = await curl(N1.mac);
  assert.equal(second.status, 409);
  assert.match(second.text, /^n1 was given its config already; arm it anew: kfs install arm n1\n$/);
  const requests = await new Requests(options.folder).all();
  assert.deepEqual(requests, heard);
  assert.deepEqual(
    requests.map(({ from, machine, outcome }) => [from, machine, outcome]),
    [
      ['127.0.0.1', 'n1', 'handed out'],
      ['127.0.0.1', 'n1', second.text.trim()],
    ],
  );
});

test('of many requests at the same moment one is answered', async t => {
  const { armings, curl } = await workstation(t);
  await armings.arm(N1, soon());
  const answers = await Promise.all(Array.from({ length: 8 }, () => curl(N1.mac)));
  const statuses = answers.map(({ status }) => status).sort();
  assert.deepEqual(statuses, [200, ...Array.from({ length: 7 }, () => 409)]);
});

test('who is not armed, not any more, or somewhere else gets nothing', async t => {
  const { armings, curl } = await workstation(t);
  const refused = async (pattern: RegExp) => {
    const { status, text } = await curl(N1.mac);
    assert.equal(status, 403);
    assert.match(text, pattern);
    assert.doesNotMatch(text, /host key/);
  };
  await refused(/^no machine with the card 52:54:00:77:00:11 is armed$/m);
  await armings.arm(N1, new Date(Date.now() - 1000));
  await refused(/^n1 was armed until .*; arm it anew: kfs install arm n1$/m);
  await armings.arm({ ...N1, address: '10.77.0.11' }, soon());
  await refused(/^n1 must ask from 10\.77\.0\.11, not 127\.0\.0\.1: mend the static lease$/m);
  await armings.arm(N1, soon());
  await armings.disarm(N1);
  await refused(/no machine/);
  const other = await curl('52:54:00:77:00:12');
  assert.equal(other.status, 403);
});

test('to arm a machine again after its config was handed out is to allow one more request', async t => {
  const { armings, curl } = await workstation(t);
  for (const wanted of [200, 200]) {
    await armings.arm(N1, soon());
    assert.equal((await curl(N1.mac)).status, wanted);
  }
  assert.deepEqual(Object.keys(await armings.of(N1)), ['handed']);
});

test('what is missing on the workstation does not spend the arming', async t => {
  const { armings, curl, at } = await workstation(t);
  const machine = { ...N1, name: 'n2' };
  await armings.arm(machine, soon());
  const { status, text } = await curl(N1.mac);
  assert.equal(status, 404);
  assert.equal(text, 'the workstation cannot read n2.ign: make the image and the config of n2 first\n');
  writeFileSync(at('os', 'n2.ign'), '{}\n');
  assert.equal((await curl(N1.mac)).status, 200);
});

test('a fault of the workstation is told as its own, and does not spend the arming', async t => {
  const { armings, curl, at } = await workstation(t);
  await armings.arm(N1, soon());
  const record = at('os', 'install', 'requests.jsonl');
  mkdirSync(record);
  const { status, text } = await curl(N1.mac);
  assert.equal(status, 500);
  assert.match(text, /^the workstation has a fault of its own/);
  assert.deepEqual(Object.keys(await armings.of(N1)), ['armed']);
  rmdirSync(record);
  assert.equal((await curl(N1.mac)).status, 200);
});

test('a client that trusts another CA, or speaks plain HTTP, gets no answer', async t => {
  const { armings, curl, server, pki } = await workstation(t);
  await armings.arm(N1, soon());
  await assert.rejects(curl(N1.mac, [], join(pki, 'etcd/ca.crt')), /certificate/i);
  const plain = run('curl', [
    '--silent',
    '--show-error',
    '--data',
    N1.mac,
    server.url.replace('https', 'http'),
  ]);
  await assert.rejects(plain, /Empty reply|reset/i);
  assert.ok((await armings.of(N1)).armed, 'and it is still armed');
});

test('nothing else can be asked, and a GET spends nothing', async t => {
  const { armings, curl } = await workstation(t);
  await armings.arm(N1, soon());
  const get = await curl('', ['--request', 'GET']);
  assert.equal(get.status, 405);
  assert.equal((await curl(N1.mac, ['--request-target', '/../n1.ign'])).status, 404);
  assert.ok((await armings.of(N1)).armed);
});

test('a workstation without a certificate says which step makes it', async t => {
  const { options } = await workstation(t);
  const tls = { ...options.tls, key: '/nowhere/server.key' };
  await assert.rejects(async () => serveInstall({ ...options, tls }), {
    code: 'pki-refused',
    next: 'kfs pki init services',
  });
});

test('what is kept about armings is for its owner only', async t => {
  const { armings, at } = await workstation(t);
  await armings.arm(N1, soon());
  assert.equal(statSync(at('os', 'install', 'armed')).mode & 0o777, 0o700);
});
