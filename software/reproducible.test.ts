/** Slow: compiles etcd and containerd from nothing, twice. `kfs test --full` runs it. */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildComponent } from './build.ts';
import { ensureBuilder } from './builder/builder.ts';
import { loadComponents } from './component.ts';
import { assertPinned, inMirror } from './pinned.ts';
import { readSums } from './sums.ts';

const skip = process.env.KFS_FULL ? false : 'takes minutes: kfs test --full';

for (const name of ['etcd', 'containerd']) {
  test(`${name} comes out as it is pinned, twice, from different folders and without Go's build cache`, {
    skip,
  }, async t => {
    const folder = mkdtempSync(join(tmpdir(), 'kfs-reproducible-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const component = loadComponents().find(each => each.name === name) ?? assert.fail(`no ${name}`);
    const builder = () => ensureBuilder();
    for (const where of ['here', 'a/longer/path']) {
      const sources = join(folder, where, 'sources');
      cpSync(component.folder, sources, { recursive: true });
      const built = await buildComponent(
        { ...component, folder: sources },
        { builder, folder: join(folder, where, 'out'), goCache: join(folder, where, 'go-build') },
      );
      await assertPinned(inMirror(component, await readSums(join(built, 'SHA256SUMS'))));
      rmSync(join(folder, where), { recursive: true, force: true });
    }
  });
}
