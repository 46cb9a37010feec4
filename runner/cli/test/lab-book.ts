/** The book from its first page on a machine of the lab: installed from an empty disk, then run once more. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { statePaths } from '../../state.ts';
import { inLab } from './book-lab.ts';
import { kfs, runBook, sumOf } from './book-run.ts';
import { countControls } from './cis.ts';
import { searchSecrets, watchMachine } from './secrets/after-run.ts';
import type { Counts, Suite } from './suite.ts';

/** An alternative that a run of the whole does not choose: its program takes nine minutes to build. */
const CONFORMANCE = 'proof-conformance';

export const labBookSuite: Suite = {
  name: 'lab-book',
  about:
    "the book on a lab machine, from an empty disk, with --prove, then --twice; the CIS benchmark; its secrets (--full: and Kubernetes' own tests)",
  run: inLab(async ({ signal, full, output }) => {
    const state = mkdtempSync(join(tmpdir(), 'kfs-lab-book-'));
    try {
      return await bookInLab(state, join(output, 'record.json'), signal, full);
    } finally {
      await kfs(state, ['lab', 'down', '--cut', '--erase'], new AbortController().signal);
      rmSync(state, { recursive: true, force: true });
    }
  }),
};

/** The lab writes the plan, so the run that proves begins below the step that would have written it. */
async function bookInLab(state: string, record: string, signal: AbortSignal, full = false): Promise<Counts> {
  if ((await kfs(state, ['lab', 'up', '--no-power'], signal)) !== 0)
    return { passed: 0, failed: 1, skipped: 0 };
  const before = await runBook(state, ['--to', 'plan'], signal);
  const paths = statePaths(state);
  const watch = watchMachine(paths);
  try {
    const proving = ['--from', 'plan-show', '--prove', '--destroy', 'n1', '--record', record];
    const first = await runBook(state, proving, signal);
    if (first.failed > 0) return sumOf(before, first);
    const second = await runBook(state, ['--twice'], signal);
    const conformance = full ? [await runBook(state, [CONFORMANCE], signal)] : [];
    const controls = await countControls(state);
    process.stdout.write('\nsecrets, after all that\n');
    return sumOf(
      before,
      first,
      second,
      ...conformance,
      controls,
      await searchSecrets(paths, watch, [record]),
    );
  } finally {
    await watch.end();
  }
}
