/** How long etcd takes to build: the unit in which the book counts time, as others count in builds of their compiler. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KfsError } from '../runner/errors.ts';
import { buildComponent } from './build.ts';
import { ensureBuilder } from './builder/builder.ts';
import { loadComponents } from './component.ts';

/** Milliseconds, with a Go build cache of its own that is empty at first. Builder and modules are made ready before. */
export async function etcdBuildTime(): Promise<number> {
  const etcd = loadComponents().find(({ name }) => name === 'etcd');
  if (!etcd)
    throw new KfsError('software-invalid', 'there is no component etcd', { next: 'look into software/' });
  const builder = await ensureBuilder();
  await buildComponent(etcd, { builder: async () => builder });
  const folder = await mkdtemp(join(tmpdir(), 'kfs-etcd-time-'));
  try {
    const begun = performance.now();
    await buildComponent(etcd, {
      builder: async () => builder,
      folder: join(folder, 'out'),
      goCache: join(folder, 'go-build'),
    });
    return Math.round(performance.now() - begun);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
