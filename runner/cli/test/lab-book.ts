/** The book from its first page on a machine of the lab: installed from an empty disk, then run once more. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { statePaths } from '../../state.ts';
import { inLab } from './book-lab.ts';
import { kfs, runBook, sumOf } from './book-run.ts';
import { countControls } from './cis.ts';
import { searchSecrets, watchMachine } from './secrets/after-run.ts';
import type { Counts, Suite, SuiteContext } from './suite.ts';

/**
 * How far the quick run goes. The first run was seen to hold to the book's end, in one go; the second to the end of
 * Node, and *Storage* has changed since. Until it was seen there too, the rest is in the slow proofs (--full).
 */
const QUICK = 'node-reboot';

/** An alternative that a run of the whole does not choose: its program takes nine minutes to build. */
const CONFORMANCE = 'proof-conformance';

export const labBookSuite: Suite = {
  name: 'lab-book',
  about:
    "the book on a lab machine, from an empty disk, with --prove, then --twice (--full: to its end, Kubernetes' own tests, the CIS benchmark, its secrets)",
  run: inLab(async context => {
    const state = mkdtempSync(join(tmpdir(), 'kfs-lab-book-'));
    try {
      return await bookInLab(state, context);
    } finally {
      await kfs(state, ['lab', 'down', '--cut', '--erase'], new AbortController().signal);
      rmSync(state, { recursive: true, force: true });
    }
  }),
};

/** The lab writes the plan, so the run that proves begins below the step that would have written it. */
async function bookInLab(state: string, { signal, full, output, deadline }: SuiteContext): Promise<Counts> {
  if ((await kfs(state, ['lab', 'up', '--no-power'], signal)) !== 0)
    return { passed: 0, failed: 1, skipped: 0 };
  const before = await runBook(state, ['--to', 'plan'], signal);
  const paths = statePaths(state);
  const record = join(output, 'record.json');
  const watch = full ? watchMachine(paths) : undefined;
  try {
    const to = full ? [] : ['--to', QUICK];
    const proving = ['--from', 'plan-show', ...to, '--prove', '--destroy', 'n1', '--record', record];
    const proven = await runBook(state, proving, signal);
    if (proven.failed > 0) return sumOf(before, proven);
    if (deadline !== undefined && Date.now() > deadline) return sumOf(before, proven, late());
    const again = await runBook(state, [...to, '--twice'], signal);
    if (!watch) return sumOf(before, proven, again);
    const conformance = await runBook(state, [CONFORMANCE], signal);
    const controls = await countControls(state);
    process.stdout.write('\nsecrets, after all that\n');
    const secrets = await searchSecrets(paths, watch, [record]);
    return sumOf(before, proven, again, conformance, controls, secrets);
  } finally {
    await watch?.end();
  }
}

function late(): Counts {
  process.stdout.write('\nskipped: the second run and what is looked for after it: no time is left\n');
  return { passed: 0, failed: 0, skipped: 1 };
}
