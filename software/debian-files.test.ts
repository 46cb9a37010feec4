/** Fetches from Debian, in the true builder: `kfs test --full` runs it. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { KfsError } from '../runner/errors.ts';
import { buildComponent } from './build.ts';
import { ensureBuilder } from './builder/builder.ts';
import { type Component, loadComponents } from './component.ts';

const skip = process.env.KFS_FULL ? false : 'fetches from Debian: kfs test --full';

function options(t: TestContext): Parameters<typeof buildComponent>[1] {
  const folder = mkdtempSync(join(tmpdir(), 'kfs-debian-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return { builder: () => ensureBuilder(), folder: join(folder, 'out') };
}

const busybox = (): Component => loadComponents().find(({ name }) => name === 'busybox') ?? assert.fail();

test('a part from Debian comes with the version that it is', { skip }, async t => {
  const folder = await buildComponent(busybox(), options(t));
  assert.match(readFileSync(join(folder, 'packages.txt'), 'utf8'), /^busybox-static 1:1\.37\.0-6\S*\n$/);
  assert.equal(execFileSync(join(folder, 'busybox'), ['echo', 'it runs'], { encoding: 'utf8' }), 'it runs\n');
});

test('a version that Debian does not have is refused with those that it has', { skip }, async t => {
  const { debian, ...rest } = busybox();
  const absent = { ...rest, debian: { ...(debian ?? assert.fail()), version: '9:9.9-9' } };
  await assert.rejects(buildComponent(absent, options(t)), (error: KfsError) => {
    assert.match(error.message, /fetching busybox-static 9:9\.9-9 from Debian/);
    assert.match(error.message, /the archive has these; debian\.version in component\.yaml/);
    assert.match(error.message, /busybox-static \| 1:1\.37\.0/);
    return true;
  });
});
