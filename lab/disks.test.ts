import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { refuseOtherSizes } from './disks.ts';
import { labPaths, machinePaths } from './paths.ts';
import { DEFAULTS } from './spec.ts';
import { planOf } from './testing/support.ts';

test('another size for disks that are there is refused, the same size and disks to be made are not', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kfs-disks-'));
  try {
    const paths = labPaths(folder);
    const plan = await planOf(folder, 1);
    const files = machinePaths(paths, 'n1');
    const ask = (given: object) => refuseOtherSizes(paths, plan, DEFAULTS, given);
    ask({ disk: 30, data: 5 });
    await mkdir(files.root, { recursive: true });
    await writeFile(files.disk(0), '');
    ask({ disk: DEFAULTS.disk, data: 5 });
    assert.throws(() => ask({ disk: 30 }), { code: 'refused', message: /n1 .* 20 GiB/, next: /--erase/ });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
