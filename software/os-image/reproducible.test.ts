/** Slow: makes the image anew from the same packages, elsewhere. `kfs test --full` runs it. */
import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ensureBuilder } from '../builder/builder.ts';
import { discard } from '../builder/discard.ts';
import { sumsOf } from '../sums.ts';
import { ensureImage, ensureImagePackages, makeImage } from './build.ts';

const skip = process.env.KFS_FULL ? false : 'takes minutes: kfs test --full';
const FILES = ['os.raw.zst', 'os.raw.size', 'vmlinuz', 'initrd', 'packages.txt'];

test('the same packages give the same image, bit for bit, in another folder and at another time', {
  skip,
}, async t => {
  const folder = mkdtempSync(join(tmpdir(), 'kfs-image-again-'));
  t.after(() => discard(folder));
  const first = await ensureImage();
  const builder = await ensureBuilder();
  const second = join(folder, 'a/longer/path');
  await makeImage(second, builder, await ensureImagePackages(builder));
  assert.deepEqual(await sumsOf(second, FILES), await sumsOf(first, FILES));
});
