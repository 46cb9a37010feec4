/** What of the state directory belongs to the disks of the lab: saved and restored with them, so that both fit. */
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { takeOwnership } from '../journal/owner.ts';
import type { StatePaths } from '../state.ts';

/** The lab itself, the mirror, which no chapter on a machine changes, and where a runner is. */
const APART = ['lab', 'mirror', 'server.json'];

/** Everything else that is there now, as paths: journal, keys, plan, the workstation's files. */
export function stateWithDisks({ root }: StatePaths): string[] {
  if (!existsSync(root)) return [];
  return readdirSync(root)
    .filter(entry => !APART.includes(entry))
    .map(entry => join(root, entry));
}

/** Throws state-busy while a runner works with the state; until the release none can. */
export function holdState({ journal }: StatePaths): { release(): void } {
  if (!existsSync(dirname(journal))) return { release: () => {} };
  return takeOwnership(journal);
}
