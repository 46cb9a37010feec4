/** A lab for one suite, in a state directory of its own; nothing of it is left. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kfs, succeeds } from './book-run.ts';
import type { Counts } from './suite.ts';

/** Does `work` when the lab is up, its machines off; `up` is what bringing it up has counted. A lab that fails is counted alone. */
export async function inFreshLab(
  name: string,
  signal: AbortSignal,
  work: (state: string, up: Counts) => Promise<Counts>,
): Promise<Counts> {
  const state = mkdtempSync(join(tmpdir(), `kfs-${name}-`));
  try {
    const up = await succeeds(state, ['lab', 'up', '--no-power'], signal);
    return up.failed > 0 ? up : await work(state, up);
  } finally {
    await kfs(state, ['lab', 'down', '--cut', '--erase'], new AbortController().signal);
    rmSync(state, { recursive: true, force: true });
  }
}
