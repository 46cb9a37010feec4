import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildComponent } from './build.ts';
import { loadComponents } from './component.ts';
import { buildFolder } from './inputs.ts';
import { inMirror } from './pinned.ts';
import { formatSums, readSums, sumsOf } from './sums.ts';
import { testComponent } from './testing/component.ts';
import { testFolder } from './testing/folder.ts';
import { hostBuilder } from './testing/host-builder.ts';
import { assertRight, verifyBuild } from './verify.ts';

test('a program that was changed together with its list is not the pinned one', async t => {
  const folder = testFolder(t);
  const component = testComponent(folder);
  const builder = async () => hostBuilder('echo "bytes of $NAME" > "$OUT/$NAME"');
  const build = await buildComponent(component, { builder });
  const [list, pins] = [join(build, 'SHA256SUMS'), join(folder, 'pins')];
  writeFileSync(pins, formatSums(inMirror(component, await readSums(list))));
  const right = { component: 'sample', wrong: [], unpinned: [] };
  assert.deepEqual(await verifyBuild(component, pins), right);
  assertRight([right]);
  writeFileSync(join(build, 'two'), 'other bytes\n');
  const wrong = await verifyBuild(component, pins);
  assert.deepEqual(wrong, { ...right, wrong: ['two'] });
  assert.throws(() => assertRight([right, wrong]), {
    message: 'sample: two changed after it was built',
    next: 'kfs software build sample builds it again',
  });
  writeFileSync(list, formatSums(await sumsOf(build, ['one', 'two'])));
  assert.deepEqual(await verifyBuild(component, pins), {
    ...right,
    unpinned: ['sample/1.2.3/amd64/two'],
  });
});

test('kfs software verify compares with the digests of this checkout', t => {
  const folder = testFolder(t);
  const pause = loadComponents().find(({ name }) => name === 'pause') ?? assert.fail();
  const build = buildFolder(pause);
  mkdirSync(build, { recursive: true });
  writeFileSync(join(build, 'pause'), '');
  const empty = spawnSync('sha256sum', ['pause'], { cwd: build, encoding: 'utf8' }).stdout;
  writeFileSync(join(build, 'SHA256SUMS'), empty);
  const main = join(import.meta.dirname, '..', 'runner', 'cli', 'main.ts');
  const words = [main, '--state', join(folder, 'state'), 'software', 'verify'];
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' });
  const path = `pause/${pause.version}/amd64/pause`;
  assert.equal(stdout, `✘ pause ${path} (not the pinned one)\n`);
  assert.ok(stderr.includes(`pause: ${path} is not what is pinned`), stderr);
  assert.equal(status, 3);
});
