import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Built, buildAll } from './build-all.ts';
import { takeLock } from './builder/cache.ts';
import { fillMirror, indexMirror } from './mirror.ts';
import { listMirror, mirrorSums, verifyMirror } from './mirror-contents.ts';
import { listDigests } from './os-image/digests.ts';
import { IMAGE_PATH, placeImage } from './os-image/place.ts';
import { sha256 } from './sums.ts';
import { testComponent } from './testing/component.ts';
import { testFolder } from './testing/folder.ts';
import { hostBuilder } from './testing/host-builder.ts';
import { testImage } from './testing/os-image.ts';

const FOLDER = 'sample/1.2.3/amd64';

interface Filled {
  mirror: string;
  built: Built[];
  options: Parameters<typeof fillMirror>[2];
}

async function filled(t: TestContext): Promise<Filled> {
  const folder = testFolder(t);
  const component = testComponent(folder);
  const builder = async () => hostBuilder('echo "bytes of $NAME" > "$OUT/$NAME"');
  const built = await buildAll([component], { builder, unpinned: true });
  const mirror = join(folder, 'state', 'mirror');
  const options = { components: [component], images: [] };
  await fillMirror(mirror, built, options);
  return { mirror, built, options };
}

test('a mirror is laid out by component, version and architecture, and holds no second copy', async t => {
  const { mirror, built } = await filled(t);
  const one = join(mirror, FOLDER, 'one');
  assert.deepEqual(await verifyMirror(mirror), []);
  assert.equal(statSync(one).ino, statSync(join(built[0]?.folder ?? '', 'one')).ino);
  assert.equal(statSync(one).mode & 0o777, 0o755);
  assert.deepEqual(Object.keys(await mirrorSums(mirror)), [
    `${FOLDER}/SHA256SUMS`,
    `${FOLDER}/one`,
    `${FOLDER}/two`,
  ]);
  const [shelf] = await listMirror(mirror);
  assert.deepEqual([shelf?.path, shelf?.files], [FOLDER, ['one', 'two']]);
});

test('files that changed or went away are named, and filling again puts them right', async t => {
  const { mirror, built, options } = await filled(t);
  const [one, two] = [join(mirror, FOLDER, 'one'), join(mirror, FOLDER, 'two')];
  rmSync(one);
  writeFileSync(one, 'other bytes\n');
  rmSync(two);
  assert.deepEqual(await verifyMirror(mirror), [
    { file: `${FOLDER}/one`, why: 'is not what SHA256SUMS says' },
    { file: `${FOLDER}/two`, why: 'is missing' },
  ]);
  await fillMirror(mirror, built, options);
  assert.deepEqual(await verifyMirror(mirror), []);
});

test('a component that was built anew in the same version takes the place of the old one, lists and all', async t => {
  const { mirror, built, options } = await filled(t);
  const [{ component } = assert.fail()] = built;
  component.go = { programs: component.go?.programs ?? {}, stamps: { 'example.com/version': 'v1.2.3' } };
  const builder = async () => hostBuilder('echo "new bytes of $NAME" > "$OUT/$NAME"');
  await fillMirror(mirror, await buildAll([component], { builder, unpinned: true }), options);
  assert.deepEqual(await verifyMirror(mirror), []);
  assert.equal(readFileSync(join(mirror, FOLDER, 'one'), 'utf8'), 'new bytes of one\n');
});

test('there being no mirror is said as such', async t => {
  const mirror = join(testFolder(t), 'nowhere');
  await assert.rejects(verifyMirror(mirror), { message: `there is no mirror in ${mirror}` });
  await assert.rejects(listMirror(mirror), { message: `there is no mirror in ${mirror}` });
  await assert.rejects(async () => indexMirror(mirror, { components: [], images: [] }), /there is no mirror/);
  assert.equal(existsSync(mirror), false);
});

test('two who fill a mirror at once take turns', async t => {
  const { mirror, built, options } = await filled(t);
  rmSync(mirror, { recursive: true });
  await Promise.all([1, 2, 3].map(() => fillMirror(mirror, built, options)));
  assert.deepEqual(await verifyMirror(mirror), []);
  assert.equal(Object.keys(await mirrorSums(mirror)).length, 3, 'what is ours is not listed');
});

test('what was left half-written is neither served under its name nor listed', async t => {
  const { mirror, built, options } = await filled(t);
  const draft = join(mirror, FOLDER, '.one.draft');
  writeFileSync(draft, 'half');
  rmSync(join(mirror, FOLDER, 'one'));
  await fillMirror(mirror, built, options);
  assert.equal(existsSync(draft), false);
  assert.equal(readFileSync(join(mirror, FOLDER, 'one'), 'utf8'), 'bytes of one\n');
});

test('the index is made of what is there now, for files that others put there', async t => {
  const { mirror, options } = await filled(t);
  const foreign = join(mirror, 'other', '2.0.0', 'amd64', 'program');
  mkdirSync(dirname(foreign), { recursive: true });
  writeFileSync(foreign, 'downloaded\n');
  rmSync(join(mirror, FOLDER, 'two'));
  writeFileSync(join(mirror, FOLDER, 'two'), 'downloaded too\n');
  await indexMirror(mirror, options);
  assert.deepEqual(await verifyMirror(mirror), []);
  const sums = await mirrorSums(mirror);
  assert.equal(sums['other/2.0.0/amd64/program'], await sha256(foreign));
  const beside = readFileSync(join(mirror, 'other', '2.0.0', 'amd64', 'SHA256SUMS'), 'utf8');
  assert.equal(beside, `${await sha256(foreign)}  program\n`);
});

test('writing the lists of the mirror never writes into the cache', async t => {
  const { mirror, built, options } = await filled(t);
  const list = join(built[0]?.folder ?? '', 'SHA256SUMS');
  const before = readFileSync(list, 'utf8');
  rmSync(join(mirror, FOLDER, 'two'));
  await indexMirror(mirror, options);
  assert.equal(readFileSync(list, 'utf8'), before);
});

test('a file that grew in the cache is not trusted for its name', async t => {
  const { mirror, built } = await filled(t);
  appendFileSync(join(built[0]?.folder ?? '', 'one'), 'x');
  assert.deepEqual(await verifyMirror(mirror), [
    { file: `${FOLDER}/one`, why: 'is not what SHA256SUMS says' },
  ]);
});

async function osImage(folder: string, text: string): Promise<string> {
  const image = testImage(join(folder, `image of ${text}`), text);
  await listDigests(image);
  return image;
}

const checked = (folder: string): string =>
  execFileSync('sha256sum', ['--check', '--strict', '--quiet', 'SHA256SUMS'], {
    cwd: folder,
    encoding: 'utf8',
  });

test('the image of the machines is in the lists as soon as it is in the mirror, and another one in its place too', async t => {
  const { mirror, built, options } = await filled(t);
  const folder = dirname(dirname(mirror));
  for (const packages of ['yesterday', 'today']) {
    await placeImage(await osImage(folder, packages), mirror);
    assert.equal(checked(mirror), '');
    assert.equal(checked(join(mirror, IMAGE_PATH)), '');
    assert.ok((await mirrorSums(mirror))[`${IMAGE_PATH}/vmlinuz`], 'the image is listed');
    await fillMirror(mirror, built, options);
    assert.deepEqual(await verifyMirror(mirror), []);
  }
  assert.equal(readFileSync(join(mirror, IMAGE_PATH, 'initrd'), 'utf8'), 'initrd of today\n');
});

test('a folder of which the mirror has an old list, as its work ended before the new one, is put right by filling', async t => {
  const { mirror, built, options } = await filled(t);
  const list = join(mirror, 'SHA256SUMS');
  const folder = dirname(dirname(mirror));
  await placeImage(await osImage(folder, 'yesterday'), mirror);
  const before = readFileSync(list, 'utf8');
  await placeImage(await osImage(folder, 'today'), mirror);
  writeFileSync(list, before);
  await fillMirror(mirror, built, options);
  assert.deepEqual(await verifyMirror(mirror), []);
});

test('filling makes no damaged file right that it has not itself put there', async t => {
  const { mirror, built, options } = await filled(t);
  await placeImage(await osImage(dirname(dirname(mirror)), 'today'), mirror);
  appendFileSync(join(mirror, IMAGE_PATH, 'initrd'), 'x');
  await fillMirror(mirror, built, options);
  assert.deepEqual(await verifyMirror(mirror), [
    { file: `${IMAGE_PATH}/initrd`, why: 'is not what SHA256SUMS says' },
  ]);
});

test('the image is put into a mirror only while nobody fills it', async t => {
  const { mirror, built, options } = await filled(t);
  const image = await osImage(dirname(dirname(mirror)), 'today');
  await Promise.all([fillMirror(mirror, built, options), placeImage(image, mirror)]);
  assert.deepEqual(await verifyMirror(mirror), []);
  const lock = await takeLock(join(mirror, '.lock'), 'the mirror');
  const waited: string[] = [];
  const report = ({ text }: { text: string }) => waited.push(text);
  const placing = placeImage(image, mirror, { report });
  while (waited.length === 0) await sleep(10);
  await lock.release();
  await placing;
  assert.deepEqual(waited, ['another process makes the mirror']);
});
