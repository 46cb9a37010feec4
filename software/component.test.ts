import assert from 'node:assert/strict';
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { VERSIONS, type Component as Versioned } from '../runner/plan/versions.ts';
import { loadComponents } from './component.ts';
import { loadImages } from './image-list.ts';
import { GO, inputsDigest } from './inputs.ts';
import { owningModule } from './outdated.ts';
import { testFolder } from './testing/folder.ts';

const GOOD = `about: a sample
version: 1.2.3
licence: MIT
home: https://example.com
go: { programs: { sample: example.com/sample } }
`;

/** Where a component's name and the plan's word for it differ. */
const IN_PLAN: Record<string, string> = { 'cni-plugins': 'cni', 'kubernetes-e2e': 'kubernetes' };

/** Components that a plan does not name: their version is nobody's choice. */
const NOT_IN_PLAN = ['busybox', 'pause', 'setfattr'];

/** Small programs of this project, which are no one's module. */
const OURS = ['pause', 'setfattr'];

function folderWith(root: string, yaml: string): string {
  mkdirSync(join(root, 'sample'), { recursive: true });
  writeFileSync(join(root, 'sample', 'component.yaml'), yaml);
  writeFileSync(join(root, 'sample', 'go.mod'), 'module sample\n');
  return root;
}

test('the versions of the components are those of the plan, and the other way round', () => {
  const built = loadComponents().filter(({ name }) => !NOT_IN_PLAN.includes(name));
  const ours = built.map(({ name, version }) => [IN_PLAN[name] ?? name.replaceAll('-', '_'), version]);
  for (const [name, version] of ours) assert.equal(version, VERSIONS[name as Versioned], name);
  assert.equal(GO, `go${VERSIONS.go}`);
});

/** What Kubernetes' own tests call an image of theirs, in whose place the book puts one of ours. */
const THEIRS = ['pause:3.10.2'];

test('where the book writes out the version of an image of ours, it is the one that is built', () => {
  const built = new Map(loadImages(loadComponents()).map(({ name, version }) => [name, version]));
  const chapters = globSync(join(import.meta.dirname, '../content/docs/**/*.mdx')).sort();
  const written = chapters.flatMap(path =>
    [...readFileSync(path, 'utf8').matchAll(/\b(pause|toolbox)[:/](\d+\.\d+\.\d+)/g)].map(
      ([text, name, version]) => ({ text, name: name as string, version }),
    ),
  );
  const ours = written.filter(({ text }) => !THEIRS.includes(text));
  assert.ok(ours.length > 0);
  for (const { text, name, version } of ours) assert.equal(version, built.get(name), text);
});

test('what a component calls its version is the version of the module that is built, and of its stamps', () => {
  for (const { name, version, folder, go } of loadComponents()) {
    if (!go || OURS.includes(name)) continue;
    const goMod = readFileSync(join(folder, 'go.mod'), 'utf8');
    for (const program of Object.values({ ...go.programs, ...go.tests }))
      assert.equal(owningModule(goMod, program)?.version.replace('+incompatible', ''), version, program);
    for (const stamp of Object.values(go.stamps))
      if (/\d+\.\d+\.\d+/.test(stamp)) assert.equal(stamp.replace(/^v/, ''), version, name);
  }
});

test('a component that says too much, too little, or two ways of making it, is refused by its file', t => {
  const root = testFolder(t);
  for (const [yaml, complaint] of [
    [`${GOOD}colour: green\n`, /colour/],
    [GOOD.replace('version: 1.2.3', 'version: v1.2.3'), /version/],
    [GOOD.replace(/^go:.*$/m, ''), /either go or debian/],
    [`${GOOD}debian: { package: a, version: "1", files: { a: /a } }\n`, /either go or debian/],
  ] as const) {
    assert.throws(
      () => loadComponents(folderWith(root, yaml)),
      (error: Error) => {
        assert.ok(error.message.startsWith(join(root, 'sample', 'component.yaml')), error.message);
        assert.match(error.message, complaint);
        return true;
      },
    );
  }
});

test('the inputs of a build are what decides its bytes, and not its description', t => {
  const root = testFolder(t);
  const digest = (yaml: string) => inputsDigest(loadComponents(folderWith(root, yaml))[0] ?? assert.fail());
  const first = digest(GOOD);
  assert.equal(digest(GOOD.replace('a sample', 'another description')), first);
  assert.notEqual(digest(GOOD.replace('1.2.3', '1.2.4')), first);
  assert.notEqual(digest(GOOD.replace('example.com/sample', 'example.com/other')), first);
  writeFileSync(join(root, 'sample', 'go.sum'), 'example.com/other v1.0.0 h1:abc=\n');
  assert.notEqual(digest(GOOD), first);
});

test('an image of a program that is not built is refused by its name', t => {
  const root = testFolder(t);
  const components = loadComponents(folderWith(root, GOOD));
  const file = join(root, 'images.yaml');
  const image = (source: string) =>
    `thing: { component: sample, files: { /x: ${source} }, entrypoint: [/x], user: "1:1" }\n`;
  writeFileSync(file, image('sample/sample'));
  assert.equal(loadImages(components, file)[0]?.sources['/x'], 'sample/1.2.3/amd64/sample');
  writeFileSync(file, image('sample/other'));
  assert.throws(() => loadImages(components, file), /image thing has sample\/other, which is not built/);
  writeFileSync(file, image('nobody/x'));
  assert.throws(() => loadImages(components, file), /component nobody, which does not exist/);
  assert.ok(loadImages(loadComponents()).length > 0);
});
