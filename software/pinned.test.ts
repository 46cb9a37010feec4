import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Component, filesOf, loadComponents } from './component.ts';
import { imagePath, isOptional, loadImages } from './image-list.ts';
import { assertPinned, assertPinnedImages, inMirror, mirrorPath, pin } from './pinned.ts';
import { readSums } from './sums.ts';
import { testFolder } from './testing/folder.ts';

const [A, B] = ['a'.repeat(64), 'b'.repeat(64)];
const sample = { name: 'sample', version: '1.2.3' };

test('pinning keeps what was pinned of this version, and drops other versions', async t => {
  const file = join(testFolder(t), 'SHA256SUMS');
  await pin(inMirror({ name: 'sample', version: '1.0.0' }, { old: A }), ['sample/1.0.0/'], file);
  await pin(inMirror(sample, { one: A }), ['sample/1.2.3/'], file);
  await pin(inMirror(sample, { two: B }), ['sample/1.2.3/'], file);
  assert.deepEqual(await readSums(file), { [mirrorPath(sample, 'one')]: A, [mirrorPath(sample, 'two')]: B });
  await assertPinned(inMirror(sample, { one: A, two: B }), file);
  await assert.rejects(
    assertPinned(inMirror(sample, { one: B }), file),
    /one was built as b+, but a+ is pinned/,
  );
});

test('an image must be the pinned one only if what it is made of is', async t => {
  const file = join(testFolder(t), 'SHA256SUMS');
  await pin({ 'sample/one': A, 'images/sample/index.json': A }, ['sample/', 'images/'], file);
  const images = [{ index: 'images/sample/index.json', from: ['sample/one'] }];
  await assertPinnedImages({ sums: { 'sample/one': B, 'images/sample/index.json': B }, images }, file);
  await assert.rejects(
    assertPinnedImages({ sums: { 'sample/one': A, 'images/sample/index.json': B }, images }, file),
    /images\/sample\/index\.json was built as b+/,
  );
});

test('everything that is built from source is pinned in this checkout, and nothing else', async () => {
  const components = loadComponents();
  const paths = (component: Component) => filesOf(component).map(file => mirrorPath(component, file));
  const pinned = async (file: string) => Object.keys(await readSums(join(import.meta.dirname, file))).sort();
  const wanted = (optional: boolean): string[] => [
    ...components.filter(one => one.go && one.optional === optional).flatMap(paths),
    ...loadImages(components)
      .filter(image => image.reproducible && isOptional(image, components) === optional)
      .map(image => `${imagePath(image)}/index.json`),
  ];
  assert.deepEqual(await pinned('SHA256SUMS'), wanted(false).sort());
  assert.deepEqual(await pinned('optional.SHA256SUMS'), wanted(true).sort());
});
