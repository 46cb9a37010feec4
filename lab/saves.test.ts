import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { takeLock } from '../software/builder/cache.ts';
import { allocated, needLabSpace } from './disks.ts';
import { Lab } from './lab.ts';
import { labPaths } from './paths.ts';
import { restore } from './restore.ts';
import { listSaves, save } from './saves.ts';
import { planOf } from './testing/support.ts';

let folder: string;
let paths: ReturnType<typeof labPaths>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kfs-saves-'));
  paths = labPaths(join(folder, 'lab'));
  await mkdir(join(paths.machines, 'n1'), { recursive: true });
  await writeFile(join(paths.machines, 'n1', 'disk0.img'), 'before');
  await truncate(join(paths.machines, 'n1', 'disk0.img'), 2 ** 30);
  await mkdir(join(folder, 'journal'));
  await writeFile(join(folder, 'journal', 'j'), 'before');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('what was saved comes back, disks and folders, and costs only what is in it', async () => {
  await save(paths, 'chapter-4', [join(folder, 'journal')]);
  await writeFile(join(paths.machines, 'n1', 'disk0.img'), 'after');
  await rm(join(folder, 'journal'), { recursive: true });
  await restore(paths, 'chapter-4');
  const disk = await readFile(join(paths.machines, 'n1', 'disk0.img'));
  assert.equal(disk.subarray(0, 6).toString(), 'before');
  assert.equal((await stat(join(paths.machines, 'n1', 'disk0.img'))).size, 2 ** 30);
  assert.ok((await allocated(join(paths.saves, 'chapter-4', 'machines', 'n1', 'disk0.img'))) < 2 ** 20);
  assert.equal(await readFile(join(folder, 'journal', 'j'), 'utf8'), 'before');
  assert.deepEqual(await listSaves(paths), ['chapter-4']);
});

test('folders can be put elsewhere, all of them or none', async () => {
  await save(paths, 's', [join(folder, 'journal')]);
  await restore(paths, 's', [join(folder, 'elsewhere')]);
  assert.equal(await readFile(join(folder, 'elsewhere', 'j'), 'utf8'), 'before');
  await assert.rejects(restore(paths, 's', ['a', 'b']), {
    code: 'usage',
    message: /saved with 1 folders, 2 are named/,
  });
});

test('a save that cannot be completed leaves no save', async () => {
  await assert.rejects(save(paths, 's', [join(folder, 'nothing')]), {
    code: 'usage',
    message: /there is no folder/,
  });
  assert.deepEqual(await listSaves(paths), []);
});

test('what an interrupted save left is not taken for one', async () => {
  await mkdir(join(paths.saves, 'half', 'machines'), { recursive: true });
  await assert.rejects(restore(paths, 'half'), {
    code: 'lab-failed',
    message: /there is no saved state half/,
  });
  assert.ok(existsSync(join(paths.machines, 'n1')));
});

test('a name that would leave the folder is refused', async () => {
  await assert.rejects(save(paths, '../x'), { code: 'usage' });
});

const diskNow = async () =>
  (await readFile(join(paths.machines, 'n1', 'disk0.img'))).subarray(0, 6).toString();
const journalNow = () => readFile(join(folder, 'journal', 'j'), 'utf8');

test('a restore that cannot be completed leaves disks and folders as they are now', async () => {
  await save(paths, 's', [join(folder, 'journal')]);
  await writeFile(join(paths.machines, 'n1', 'disk0.img'), 'after!');
  await writeFile(join(folder, 'journal', 'j'), 'after');
  await rm(join(paths.saves, 's', 'with', '0'), { recursive: true });
  await assert.rejects(restore(paths, 's'));
  assert.equal(await diskNow(), 'after!');
  assert.equal(await journalNow(), 'after');
});

test('a restore that was killed is forgotten if it only copied, else nothing goes on before it is done to the end', async () => {
  const lab = new Lab(paths.root);
  await mkdir(paths.restoring);
  await writeFile(join(paths.restoring, '0'), 'half');
  await lab.save('s');
  assert.equal(existsSync(paths.restoring), false);
  await mkdir(paths.restoring);
  await writeFile(join(paths.restoring, '1'), 'from the save');
  const to = join(folder, 'journal', 'j');
  const moves = [
    { draft: '0', to: join(folder, 'nowhere') },
    { draft: '1', to },
  ];
  await writeFile(join(paths.restoring, 'moves.json'), JSON.stringify({ name: 's', moves, remove: [] }));
  const half = { code: 'lab-failed', next: /kfs lab restore s / };
  await assert.rejects(lab.save('s'), half);
  await assert.rejects(lab.up({ plan: await planOf(folder, 1) }), half);
  await lab.restore('s');
  assert.equal(await readFile(to, 'utf8'), 'from the save');
  assert.equal(existsSync(paths.restoring), false);
});

test('what was not there when the whole state was saved is gone after its restore', async () => {
  const [journal, later] = [join(folder, 'journal'), join(folder, 'later')];
  await save(paths, 'whole', [journal], true);
  await save(paths, 'part', [journal]);
  await writeFile(later, '');
  await restore(paths, 'part', [], [journal, later]);
  assert.ok(existsSync(later));
  await restore(paths, 'whole', [], [journal, later]);
  assert.equal(existsSync(later), false);
  assert.equal(await journalNow(), 'before');
});

test('a state folder that has been moved since is restored where it is now', async () => {
  await save(paths, 'whole', [join(folder, 'journal')], true);
  const moved = `${folder}-moved`;
  await rename(folder, moved);
  try {
    await writeFile(join(moved, 'journal', 'j'), 'after');
    await restore(labPaths(join(moved, 'lab')), 'whole', [], [join(moved, 'journal')]);
    assert.equal(await readFile(join(moved, 'journal', 'j'), 'utf8'), 'before');
    assert.equal(existsSync(folder), false);
  } finally {
    await rm(moved, { recursive: true, force: true });
  }
});

test('what a killed save has left is removed by the next, and by erasing the lab', async () => {
  const lab = new Lab(paths.root);
  const left = join(paths.saves, '.killed.draft');
  await mkdir(left, { recursive: true });
  await mkdir(`${paths.machines}.new`);
  await lab.save('s');
  assert.equal(existsSync(left), false);
  assert.equal(existsSync(`${paths.machines}.new`), false);
  await mkdir(left);
  await lab.down({ erase: true });
  assert.equal(existsSync(left), false);
  assert.deepEqual(await listSaves(paths), ['s']);
});

test('a machine is not switched on while disks are being saved, and nothing is saved meanwhile by another', async () => {
  const lab = new Lab(paths.root);
  const lock = await takeLock(paths.disksLock, 'a save');
  await assert.rejects(lab.power('n1', 'on'), {
    code: 'refused',
    message: /being saved or restored/,
    next: /kfs lab power n1 on/,
  });
  const other = lab.save('s');
  await sleep(50);
  assert.deepEqual(await listSaves(paths), []);
  await lock.release();
  await other;
  await assert.rejects(lab.power('n1', 'on'), { message: 'the lab is not up' });
});

test('too little room for disks is told with where to make it', async () => {
  await assert.rejects(needLabSpace(folder, 2 ** 60, 'saving s'), {
    code: 'disk-full',
    next: /^(?!.*XDG_CACHE_HOME).*--state DIR/,
  });
});
