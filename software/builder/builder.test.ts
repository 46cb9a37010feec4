import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { probe } from '../../lab/probe.ts';
import { type Builder, ensureBuilder, mmdebstrapArgv } from './builder.ts';
import { insideArgv, insideEnv } from './inside.ts';
import { parseTargets } from './mirror.ts';
import { run } from './process.ts';

test("the archive is the one that this host's apt uses, with its security archive", () => {
  const text = [
    'http://other.example/x/|stable|Packages|Other|Other',
    'http://security.example/debian-security/|stable-security|Packages|Debian|Debian-Security',
    'http://mirror.example/debian/|stable|Sources|Debian|Debian',
    'http://mirror.example/debian/|stable|Packages|Debian|Debian',
  ].join('\n');
  assert.deepEqual(parseTargets(text), {
    archive: 'http://mirror.example/debian',
    security: 'http://security.example/debian-security',
  });
});

test('before apt was updated the archive is told by its path', () => {
  const text =
    'http://mirror.example/debian/|bookworm|Packages||\nhttp://mirror.example/debian-security/|b|Packages||';
  assert.equal(parseTargets(text)?.archive, 'http://mirror.example/debian');
});

test('a host without Debian archives has none', () => {
  assert.equal(parseTargets('http://mirror.example/ubuntu/|noble|Packages|Ubuntu|Ubuntu'), undefined);
});

test('root needs no user namespace to make or to enter the builder, others do', () => {
  const mirror = { archive: 'http://mirror.example/debian', options: [] };
  assert.ok(mmdebstrapArgv('/r', mirror, true).includes('--mode=root'));
  assert.ok(mmdebstrapArgv('/r', mirror, false).includes('--mode=unshare'));
  assert.ok(!insideArgv('/r', ['true'], {}, true).includes('--user'));
  assert.ok(insideArgv('/r', ['true'], {}, false).includes('--map-root-user'));
});

test('a command sees the proxies of the host and nothing else of its environment', () => {
  const env = insideEnv({ https_proxy: 'p', GOPROXY: 'g', SECRET: 's', LANG: 'de_DE' }, { X: 'y' });
  assert.equal(env.https_proxy, 'p');
  assert.equal(env.GOPROXY, 'g');
  assert.equal(env.SECRET, undefined);
  assert.equal(env.LANG, 'C.UTF-8');
  assert.equal(env.X, 'y');
});

test('a command that fails tells the end of what it said', async () => {
  const failing = run(['sh', '-c', 'echo out; echo the reason >&2; exit 3'], { what: 'the work' });
  await assert.rejects(failing, {
    code: 'software-invalid',
    message: /the work ended with status 3:[\s\S]*the reason/,
  });
});

test('a full disk is told as that', async () => {
  const failing = run(['sh', '-c', 'echo "x: No space left on device" >&2; exit 1']);
  await assert.rejects(failing, { code: 'disk-full' });
});

test('an abort ends what the command started too', async () => {
  const controller = new AbortController();
  const running = run(['sh', '-c', 'echo ready; sleep 60 & wait'], {
    signal: controller.signal,
    onLine: () => controller.abort(),
    what: 'the work',
  });
  await assert.rejects(running, { code: 'interrupted', message: 'the work was stopped' });
});

function countProcesses(text: string): number {
  const lines = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).split('\n');
  return lines.filter(line => line.includes(text) && !line.includes('builder.ts')).length;
}

const namespaces = probe().find(finding => finding.id === 'namespaces')!;
const skip = process.getuid?.() === 0 || namespaces.ok ? false : `no builder here: ${namespaces.why}`;

describe('the builder', { skip, timeout: 900_000 }, () => {
  let builder: Builder;

  test('is there, with the compiler, the kernel source and the emulator that are pinned', async () => {
    builder = await ensureBuilder();
    const { output } = await builder.run([
      'sh',
      '-c',
      'go version; ls /usr/src; qemu-system-x86_64 --version',
    ]);
    assert.match(output, /go1\.26\./);
    assert.match(output, /linux-source-7\.2/);
    assert.match(output, /version 1[1-9]/);
    assert.match(await builder.version('golang-1.26-go'), /^1\.26/);
  });

  test('shows the folders that are named, writable, and works in the one that is asked for', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kfs-builder-'));
    try {
      await builder.run(['sh', '-c', 'pwd >made'], { binds: [{ from: folder, to: '/out' }], cwd: '/out' });
      assert.equal(await readFile(join(folder, 'made'), 'utf8'), '/out\n');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('what runs in it ends with the process that started it, even when that is killed', async () => {
    const mark = String(300_000 + process.pid);
    const script = `import { ensureBuilder } from '${join(import.meta.dirname, 'builder.ts')}';
      const builder = await ensureBuilder();
      await builder.run(['sh', '-c', 'echo begun; sleep ${mark}; true'], { onLine: line => console.log(line) });`;
    const starter = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise(resolve => starter.stdout.once('data', resolve));
    assert.equal(countProcesses(`sleep ${mark}`) > 0, true);
    starter.kill('SIGKILL');
    const limit = Date.now() + 10_000;
    while (countProcesses(`sleep ${mark}`) > 0 && Date.now() < limit) await sleep(20);
    assert.equal(countProcesses(`sleep ${mark}`), 0);
  });

  test('is not changed by what runs in it', async () => {
    await assert.rejects(builder.run(['sh', '-c', 'echo x >/usr/bin/kfs-was-here']), {
      message: /Read-only file system/,
    });
  });
});
