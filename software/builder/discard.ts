/** Removes a folder with whatever is in it. */
import { rm } from 'node:fs/promises';
import { unshareArgv } from './inside.ts';
import { run } from './process.ts';

/** Files of other users of the builder's namespace can be removed in a namespace only. */
export async function discard(folder: string): Promise<void> {
  if (process.getuid?.() === 0) await rm(folder, { recursive: true, force: true });
  else await run([...unshareArgv(false), 'rm', '-rf', folder]);
}
