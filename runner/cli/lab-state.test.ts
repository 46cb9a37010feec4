import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { takeOwnership } from '../journal/owner.ts';
import { statePaths } from '../state.ts';

let state: string;
let paths: ReturnType<typeof statePaths>;
let disk: string;

beforeEach(async () => {
  state = await mkdtemp(join(tmpdir(), 'kfs-lab-state-'));
  paths = statePaths(state);
  disk = join(paths.lab, 'machines', 'n1', 'disk0.img');
  for (const folder of [join(paths.lab, 'machines', 'n1'), join(state, 'journal'), paths.pki, paths.mirror])
    await mkdir(folder, { recursive: true });
  for (const file of [disk, paths.plan, join(paths.pki, 'ca.pem'), join(paths.mirror, 'file')])
    await writeFile(file, 'then');
});
afterEach(() => rm(state, { recursive: true, force: true }));

const kfs = (...args: string[]) =>
  spawnSync(process.execPath, [join(import.meta.dirname, 'main.ts'), '--state', state, ...args], {
    encoding: 'utf8',
    timeout: 60_000,
  });

test('a saved state has journal, keys and plan in it, and a restore makes them fit the disks again', async () => {
  assert.equal(kfs('lab', 'save', 'etcd').status, 0);
  for (const file of [disk, paths.plan, join(paths.pki, 'ca.pem'), join(paths.mirror, 'file')])
    await writeFile(file, 'now');
  await mkdir(paths.work);
  assert.equal(kfs('lab', 'restore', 'etcd').status, 0);
  for (const file of [disk, paths.plan, join(paths.pki, 'ca.pem')])
    assert.equal(await readFile(file, 'utf8'), 'then', file);
  assert.equal(existsSync(paths.work), false, 'what came later is gone');
  assert.equal(await readFile(join(paths.mirror, 'file'), 'utf8'), 'now', 'the mirror is not part of it');
});

test('under a runner that works in the state folder nothing is saved or restored', async () => {
  const runner = takeOwnership(paths.journal);
  try {
    for (const what of ['save', 'restore']) {
      const { status, stderr } = kfs('lab', what, 'etcd');
      assert.equal(status, 3, stderr);
      assert.match(stderr, new RegExp(`another runner, process ${process.pid}, works in`));
    }
  } finally {
    runner.release();
  }
});
