/** `kfs start` as a new reader types it, over the book itself: a lab comes to be behind it. The cache is warm: building takes longer than a test may. */
import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, afterEach, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { noLab } from '../../../lab/testing/support.ts';
import { takeLock } from '../../../software/builder/cache.ts';
import type { LabPreparation } from '../../protocol/messages.ts';
import { addressOf, Visitor } from '../../server/testing/visitor.ts';

const run = promisify(execFile);
const KFS = join(import.meta.dirname, '..', 'main.ts');

/** Everything that a page has been told of the lab. */
const heardOfLab = (page: Visitor): (LabPreparation | null)[] =>
  page.messages.flatMap(message =>
    message.type === 'lab' ? [message.lab] : message.type === 'welcome' && message.lab ? [message.lab] : [],
  );
const until = (page: Visitor, state: LabPreparation['state']) =>
  page.until(() => heardOfLab(page).find(lab => lab?.state === state));

describe('the lab behind the book', { skip: noLab, timeout: 1_800_000 }, () => {
  let dir: string;
  let state: string;
  let plan: string;
  let started: ChildProcess | undefined;

  const kfs = async (...args: string[]) =>
    (await run(process.execPath, [KFS, '--json', '--state', state, ...args])).stdout;
  const isUp = async () => JSON.parse(await kfs('lab', 'status')).up !== false;

  async function start(env: NodeJS.ProcessEnv = process.env, ...more: string[]): Promise<Visitor> {
    const args = [KFS, 'start', '--json', '--no-open', '--port', '0', '--state', state, ...more];
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    started = child;
    let errors = '';
    child.stderr.on('data', text => {
      errors += text;
    });
    const gone = once(child, 'close').then(() => assert.fail(errors));
    gone.catch(() => {});
    const [line] = (await Promise.race([once(createInterface(child.stdout), 'line'), gone])) as [string];
    const page = new Visitor(addressOf(JSON.parse(line).url));
    await page.enter();
    return page;
  }

  async function end(): Promise<number | null> {
    const child = started;
    started = undefined;
    if (!child || child.exitCode !== null) return child?.exitCode ?? null;
    const exit = once(child, 'exit');
    child.kill('SIGINT');
    return (await exit)[0];
  }

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'kfs-start-lab-'));
    state = join(dir, 'state');
    plan = join(state, 'cluster.yaml');
  });
  afterEach(async () => {
    await end();
    await kfs('lab', 'down', '--cut', '--erase');
    await rm(plan, { force: true });
  });
  after(() => rm(dir, { recursive: true, force: true, maxRetries: 5 }));

  test('it is prepared with progress, its plan is taken up, it outlives the runner and is brought up again', async () => {
    const page = await start();
    const working = await until(page, 'working');
    assert.ok(working?.state === 'working' && working.what && working.percent < 100);
    const ready = JSON.stringify(await until(page, 'ready'));
    assert.match(ready, /A lab machine is ready: n1/);
    assert.doesNotMatch(ready, /power n1 on/, 'its disk is empty');
    const taken = await page.until(() =>
      page.messages.find(message => message.type === 'book' && message.plan !== null),
    );
    assert.deepEqual(taken.type === 'book' && taken.plan?.machines.map(({ name }) => name), ['n1']);
    const later = new Visitor(addressOf(JSON.parse(await readFile(join(state, 'server.json'), 'utf8')).url));
    assert.equal((await later.enter()).lab, undefined, 'a page that comes later has nothing to wait for');
    assert.equal((await later.ask({ type: 'lab.retry' })).reason, 'refused');
    assert.equal(await isUp(), true);
    assert.equal(await end(), 0);
    assert.equal(await isUp(), true, 'Ctrl-C of the runner is not the end of the machines');

    await kfs('lab', 'down');
    const again = await start();
    await until(again, 'ready');
    assert.equal(await isUp(), true);
  });

  test('Ctrl-C in the middle leaves nothing that looks done, and the next start goes on', async () => {
    await mkdir(join(state, 'lab'), { recursive: true });
    const lock = await takeLock(join(state, 'lab', 'up.lock'), 'the lab');
    const page = await start();
    await page.until(() =>
      heardOfLab(page).some(lab => lab?.state === 'working' && /another process/.test(lab.text)),
    );
    assert.equal(await end(), 0);
    await lock.release();
    const left = (await readdir(state)).filter(name => name.startsWith('cluster.yaml'));
    assert.deepEqual(left, []);
    assert.equal(await isUp(), false);
    await until(await start(), 'ready');
    assert.ok(existsSync(plan));
  });

  test('a plan that is written meanwhile wins, and the lab that nobody wants is gone', async () => {
    await mkdir(join(state, 'lab'), { recursive: true });
    const lock = await takeLock(join(state, 'lab', 'up.lock'), 'the lab');
    const page = await start();
    await page.until(() =>
      heardOfLab(page).some(lab => lab?.state === 'working' && /another process/.test(lab.text)),
    );
    await writeFile(plan, OWN_PLAN);
    await lock.release();
    await page.until(() => heardOfLab(page).at(-1) === null);
    assert.equal(await readFile(plan, 'utf8'), OWN_PLAN);
    assert.equal(await isUp(), false);
  });

  test('a computer that cannot run a lab says why; tried again when it can, it does', async () => {
    const programs = join(dir, 'bin');
    const blocked = join(dir, 'blocked');
    await mkdir(programs);
    await writeFile(blocked, '');
    const real = (await run('which', ['unshare'])).stdout.trim();
    const shim = `#!/bin/sh\nif test -e '${blocked}'; then echo 'unshare failed: not permitted' >&2; exit 1; fi\nexec ${real} "$@"\n`;
    await writeFile(join(programs, 'unshare'), shim);
    await chmod(join(programs, 'unshare'), 0o755);
    const page = await start({ ...process.env, PATH: `${programs}:${process.env.PATH}` });
    const failed = await until(page, 'failed');
    assert.ok(failed?.state === 'failed' && failed.impossible);
    assert.match(failed.message, /^user and network namespaces: .*unshare failed: not permitted/);
    assert.ok(failed.next);
    assert.equal(existsSync(plan), false);
    await rm(blocked);
    assert.equal((await page.ask({ type: 'lab.retry' })).type, 'reply');
    await until(page, 'ready');
    assert.equal(await isUp(), true);
  });

  test('with --no-lab nothing is prepared', async () => {
    const page = await start(process.env, '--no-lab');
    assert.equal((await page.ask({ type: 'lab.retry' })).reason, 'refused');
    assert.deepEqual(heardOfLab(page), []);
    await end();
    assert.equal(existsSync(join(state, 'lab', 'lab.json')), false);
  });
});

const OWN_PLAN = `name: home
network: { subnet: 10.9.0.0/24, router: 10.9.0.1, workstation: 10.9.0.2 }
api: { address: 10.9.0.11 }
machines:
  - { name: n1, mac: 52:54:00:00:00:11, address: 10.9.0.11, roles: [etcd, control, storage, node], disk: /dev/sda, data: [/dev/sdb] }
`;
