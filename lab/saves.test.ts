import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { allocated } from './disks.ts';
import { labPaths } from './paths.ts';
import { listSaves, restore, save } from './saves.ts';

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
