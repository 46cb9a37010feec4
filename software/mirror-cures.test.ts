import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadComponents } from './component.ts';
import { imagePath, isOptional, loadImages } from './image-list.ts';
import { curesFor } from './mirror-cures.ts';
import { mirrorPath } from './pinned.ts';

const components = loadComponents();
const images = loadImages(components);
const cures = (...files: string[]) => curesFor(files, components, images);
const component = (name: string) => components.find(each => each.name === name) ?? assert.fail(name);

test('a wrong file of the mirror is put right by whoever makes it', () => {
  const etcd = mirrorPath(component('etcd'), 'etcd');
  const tests = mirrorPath(component('kubernetes-e2e'), 'SHA256SUMS');
  assert.equal(cures(etcd, etcd), 'kfs software build puts that right');
  assert.equal(cures('os-image/13/amd64/initrd'), 'kfs image build puts that right');
  assert.equal(
    cures(etcd, tests, 'os-image/13/amd64/initrd'),
    'kfs software build; kfs software build kubernetes-e2e; kfs image build puts that right',
  );
});

test('of an image of containers that is what makes its programs', () => {
  for (const image of images) {
    const cure = cures(`${imagePath(image)}/index.json`);
    const named = components.filter(({ optional, name }) => optional && cure.includes(`build ${name}`));
    assert.match(cure, /^kfs software build/);
    assert.equal(named.length > 0, isOptional(image, components), image.name);
  }
});

test('what is not made here, such as an older version, is not said to be put right by building', () => {
  assert.equal(
    cures('etcd/3.0.0/amd64/etcd', 'etcd/3.0.0/amd64/etcdctl'),
    'nothing here makes etcd/3.0.0/amd64: fetch it again or remove it, then kfs mirror index',
  );
});
