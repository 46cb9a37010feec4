/** The book from its first page on a machine of the lab: installed from an empty disk, then run once more. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { labLacks } from './book-lab.ts';
import { kfs, runBook, sumOf } from './book-run.ts';
import type { Counts, Suite } from './suite.ts';

export const labBookSuite: Suite = {
  name: 'lab-book',
  about: 'the book on a lab machine, from an empty disk, with --prove and then --twice',
  async run({ signal }) {
    const lacks = labLacks();
    if (lacks) {
      process.stdout.write(`skipped: this host cannot run a lab: ${lacks}\n`);
      return { passed: 0, failed: 0, skipped: 1 };
    }
    const state = mkdtempSync(join(tmpdir(), 'kfs-lab-book-'));
    try {
      return await bookInLab(state, signal);
    } finally {
      await kfs(state, ['lab', 'down', '--cut', '--erase'], new AbortController().signal);
      rmSync(state, { recursive: true, force: true });
    }
  },
};

/** The lab writes the plan, so the run that proves begins below the step that would have written it. */
async function bookInLab(state: string, signal: AbortSignal): Promise<Counts> {
  if ((await kfs(state, ['lab', 'up', '--no-power'], signal)) !== 0)
    return { passed: 0, failed: 1, skipped: 0 };
  const before = await runBook(state, ['--to', 'plan'], signal);
  const first = await runBook(state, ['--from', 'plan-show', '--prove', '--destroy', 'n1'], signal);
  if (first.failed > 0) return sumOf(before, first);
  return sumOf(before, first, await runBook(state, ['--twice'], signal));
}
