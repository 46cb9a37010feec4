import assert from 'node:assert/strict';
import { appendFileSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { mirrorSums, verifyMirror } from '../mirror-contents.ts';
import { testFolder } from '../testing/folder.ts';
import { testImage } from '../testing/os-image.ts';
import { ensureImage, imageFolder, madeImage } from './build.ts';
import { changedImageFiles, listDigests } from './digests.ts';
import { IMAGE_PATH, placeImage } from './place.ts';

/** In a cache of the test's own. Without its list an image is as it was made before there were lists. */
async function imageInCache(t: TestContext, { listed }: { listed: boolean }) {
  const mirror = join(testFolder(t), 'mirror');
  const image = testImage(imageFolder(), 'today');
  if (listed) await listDigests(image);
  return { mirror, image };
}

/** Asks for the image, and resolves with the reason why it would be made again. */
async function reason(): Promise<string> {
  const told = ({ text }: { text: string }) => {
    throw new Error(text);
  };
  return ensureImage({ report: told }).then(
    () => 'it is taken as it is',
    (error: Error) => error.message,
  );
}

test('a file of the image that changed or went away is not taken for what was made', async t => {
  const { image } = await imageInCache(t, { listed: true });
  assert.equal(await reason(), 'it is taken as it is');
  for (const name of ['os.raw.zst', 'os.raw.zst.sha256', 'initrd', 'ignition-validate']) {
    const good = readFileSync(join(image, name));
    appendFileSync(join(image, name), 'x');
    assert.equal(
      await reason(),
      `the operating-system image is made again: ${name} changed since it was made`,
    );
    await assert.rejects(madeImage(), {
      code: 'image-failed',
      message: `the image is not as it was made: ${name} changed`,
      next: 'kfs image build makes it again',
    });
    writeFileSync(join(image, name), good);
  }
  rmSync(join(image, 'vmlinuz'));
  assert.match(await reason(), /made again: vmlinuz changed/);
});

test('an image that was made before there were lists is taken if its digest of then is right', async t => {
  const { image } = await imageInCache(t, { listed: false });
  assert.equal(await reason(), 'it is taken as it is');
  assert.ok(existsSync(join(image, 'SHA256SUMS')));
  appendFileSync(join(image, 'initrd'), 'x');
  assert.deepEqual(await changedImageFiles(image), ['initrd']);
});

test('one of which the digest of then is wrong, or a part is missing, is not', async t => {
  const { image } = await imageInCache(t, { listed: false });
  appendFileSync(join(image, 'os.raw.zst'), 'x');
  assert.match(await reason(), /made again: os\.raw\.zst changed/);
  const damages = [
    () => rmSync(join(image, 'initrd')),
    () => writeFileSync(join(image, 'os.raw.zst.sha256'), 'half'),
  ];
  for (const damage of damages) {
    rmSync(image, { recursive: true });
    testImage(image, 'today');
    damage();
    assert.match(await reason(), /made again: SHA256SUMS changed/);
  }
});

test('that no image is made is said as such', async t => {
  testFolder(t);
  await assert.rejects(madeImage(), { message: 'the image is not made yet', next: 'kfs image build' });
});

test("a copy in the mirror that changed is placed anew, and the mirror's list is that of the making", async t => {
  const { image, mirror } = await imageInCache(t, { listed: true });
  const copy = join(mirror, IMAGE_PATH, 'initrd');
  await placeImage(image, mirror);
  const sums = await mirrorSums(mirror);
  rmSync(copy);
  writeFileSync(copy, 'initrd of somebody\n');
  await placeImage(image, mirror);
  assert.deepEqual(await mirrorSums(mirror), sums);
  assert.deepEqual(await verifyMirror(mirror), []);
  assert.equal(statSync(copy).ino, statSync(join(image, 'initrd')).ino);
  assert.equal(existsSync(join(dirname(copy), 'boot.json')), false, 'what no machine fetches stays here');
});

test('damage to a file that cache and mirror share is not written into the lists as if it were right', async t => {
  const { image, mirror } = await imageInCache(t, { listed: true });
  await placeImage(image, mirror);
  appendFileSync(join(image, 'os.raw.zst'), 'x');
  await placeImage(image, mirror);
  const why = 'is not what SHA256SUMS says';
  assert.deepEqual(await verifyMirror(mirror), [{ file: `${IMAGE_PATH}/os.raw.zst`, why }]);
});
