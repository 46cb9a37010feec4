import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { testFolder } from './testing/folder.ts';

const MAIN = join(import.meta.dirname, '..', 'runner', 'cli', 'main.ts');

/** `kfs` with a state directory and a cache of its own. */
function kfs(folder: string, ...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [MAIN, '--state', join(folder, 'state'), ...args], {
    encoding: 'utf8',
    env: { ...process.env, XDG_CACHE_HOME: join(folder, 'cache') },
  });
}

function started(t: TestContext, folder: string, ...args: string[]): ChildProcess {
  const child = spawn(process.execPath, [MAIN, '--state', join(folder, 'state'), ...args], { stdio: 'pipe' });
  t.after(() => child.kill('SIGKILL'));
  return child;
}

test('status lists every component, with nothing built in an empty cache', t => {
  const { status, stdout } = kfs(testFolder(t), 'software', 'status', '--json');
  assert.equal(status, 0);
  const rows = JSON.parse(stdout) as { name: string; built: boolean; bytes: number }[];
  assert.deepEqual(
    rows.filter(({ built }) => built),
    [],
  );
  assert.ok(rows.some(({ name }) => name === 'etcd'));
});

test('a component that does not exist is refused with the names of those that do', t => {
  const { status, stderr } = kfs(testFolder(t), 'software', 'build', 'etdc');
  assert.equal(status, 2);
  assert.match(stderr, /there is no component etdc\n.*→ .*\betcd, .*\bkubernetes\b/);
});

test('verifying a mirror that is not there, or is not right, fails and says what to do', t => {
  const folder = testFolder(t);
  const none = kfs(folder, 'mirror', 'verify');
  assert.match(none.stderr, /there is no mirror in .*\n.*→ kfs software build/);
  const mirror = join(folder, 'state', 'mirror');
  mkdirSync(mirror, { recursive: true });
  writeFileSync(join(mirror, 'SHA256SUMS'), `${'0'.repeat(64)}  etcd/3.7.3/amd64/etcd\n`);
  const wrong = kfs(folder, 'mirror', 'verify');
  assert.equal(wrong.stdout, 'etcd/3.7.3/amd64/etcd is missing\n');
  assert.match(wrong.stderr, /one file of the mirror is wrong\n.*→ kfs software build/);
  assert.deepEqual([none.status, wrong.status], [3, 3]);
});

test('mirror serve says where it is, serves, and ends with Ctrl-C', async t => {
  const folder = testFolder(t);
  const mirror = join(folder, 'state', 'mirror');
  mkdirSync(mirror, { recursive: true });
  writeFileSync(join(mirror, 'SHA256SUMS'), 'sums\n');
  const child = started(t, folder, 'mirror', 'serve', '--port', '0');
  const [line] = (await once(child.stdout ?? assert.fail(), 'data')) as [Buffer];
  const [, url = ''] = line.toString().match(/^the mirror is at (http:\S+)\n$/) ?? [];
  assert.equal(await (await fetch(`${url}/SHA256SUMS`)).text(), 'sums\n');
  child.kill('SIGINT');
  assert.deepEqual(await once(child, 'exit'), [0, null]);
});
