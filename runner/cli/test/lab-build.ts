/** What labs share is built before the tests that have a limit: on a cold cache it takes longer than a test may. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inLab } from './book-lab.ts';
import { kfs } from './book-run.ts';
import type { Suite } from './suite.ts';

export const labBuildSuite: Suite = {
  name: 'lab-build',
  about:
    "the lab's kernel and the operating system's image, if the cache does not have them (a quarter of an hour)",
  run: inLab(async ({ signal }) => {
    const state = mkdtempSync(join(tmpdir(), 'kfs-lab-build-'));
    try {
      const status = await kfs(state, ['lab', 'up', '--no-power'], signal);
      return { passed: status === 0 ? 1 : 0, failed: status === 0 ? 0 : 1, skipped: 0 };
    } finally {
      await kfs(state, ['lab', 'down', '--cut', '--erase'], new AbortController().signal);
      rmSync(state, { recursive: true, force: true });
    }
  }),
};
