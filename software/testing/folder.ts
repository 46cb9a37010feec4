/** A folder for a test that is gone afterwards, with a cache of its own in it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** `XDG_CACHE_HOME` points below the folder until the test ends, so that nothing of the user's cache is touched. */
export function testFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'kfs-software-'));
  const before = process.env.XDG_CACHE_HOME;
  process.env.XDG_CACHE_HOME = join(folder, 'cache');
  t.after(() => {
    if (before === undefined) delete process.env.XDG_CACHE_HOME;
    else process.env.XDG_CACHE_HOME = before;
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}
