/** A server over a book in memory and a site of two files, in a folder of its own. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Step } from '../../book/manifest.ts';
import { statePaths } from '../../state.ts';
import { siteScripts } from '../csp.ts';
import { type RunningServer, startServer } from '../server.ts';
import { MemoryRunner, memoryManifest, memoryStep } from './memory-runner.ts';
import { type Address, addressOf, type Knock, Visitor } from './visitor.ts';

export interface Fixture extends AsyncDisposable {
  runner: MemoryRunner;
  server: RunningServer;
  address: Address;
  folder: string;
  visit(knock?: Knock): Visitor;
}

export async function serverFixture(
  steps: Step[] = [memoryStep('alpha'), memoryStep('beta')],
): Promise<Fixture> {
  const folder = await mkdtemp(join(tmpdir(), 'kfs-server-'));
  const site = join(folder, 'site');
  await mkdir(join(site, '_astro'), { recursive: true });
  await writeFile(join(site, 'index.html'), '<!doctype html><title>Book</title><script>hello()</script>');
  await writeFile(join(site, '_astro', 'a.js'), 'export {}\n');
  await writeFile(join(folder, 'secret.txt'), 'secret\n');
  const runner = new MemoryRunner(memoryManifest(steps));
  const scripts = await siteScripts(site);
  const paths = statePaths(join(folder, 'state'));
  const server = await startServer({ runner, paths, site: { folder: site, scripts }, port: 0 });
  const address = addressOf(server.url);
  const visitors: Visitor[] = [];
  return {
    ...{ runner, server, address, folder },
    visit(knock) {
      const visitor = new Visitor(address, knock);
      visitors.push(visitor);
      return visitor;
    },
    async [Symbol.asyncDispose]() {
      for (const visitor of visitors) visitor.leave();
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
