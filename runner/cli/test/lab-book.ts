/** The book from its first page on a machine of the lab: installed from an empty disk, then run once more. */
import { join } from 'node:path';
import { statePaths } from '../../state.ts';
import { inLab } from './book-lab.ts';
import { runBook, succeeds, sumOf } from './book-run.ts';
import { countControls } from './cis.ts';
import { inFreshLab } from './fresh-lab.ts';
import { measuredIn } from './measured.ts';
import { searchSecrets, watchMachine } from './secrets/after-run.ts';
import type { Counts, Suite, SuiteContext } from './suite.ts';

/** Minutes that a run of the whole takes on two cores, other suites beside it. */
const MINUTES = { prove: 32, twice: 12, after: 12 };

/** Where there is no time for the whole: to the end of etcd, which takes four, and as far once more. */
const SHORT = 'etcd-reboot';

/** Steps after which all that was done must hold, if all is asked for: the machine has restarted, the power was cut. */
const DISTURBED = ['proof-numbers-after-reboot', 'proof-numbers-after-cut'];

/** An alternative that a run of the whole does not choose: its program takes nine minutes to build. */
const CONFORMANCE = 'proof-conformance';

export const labBookSuite: Suite = {
  name: 'lab-book',
  beside: true,
  about:
    "the book on a lab machine, from an empty disk to its end, with --prove, then --twice (--full: every check after the reboot and the power cut, then Kubernetes' own tests, the CIS benchmark, the secrets)",
  run: inLab(context => inFreshLab('lab-book', context.signal, state => bookInLab(state, context))),
};

/** The lab writes the plan, so the run that proves begins below the step that would have written it. */
async function bookInLab(state: string, context: SuiteContext): Promise<Counts> {
  const { signal, output, fits } = context;
  const before = await runBook(state, ['--to', 'plan'], signal);
  const record = join(output, 'record.json');
  if (fits(MINUTES.prove)) return sumOf(before, await wholeBook(state, record, context));
  const short = await prove(state, record, [SHORT], signal);
  if (short.failed > 0) return sumOf(before, short);
  return sumOf(before, short, await runBook(state, ['--to', SHORT, '--twice'], signal), lateAfterShort());
}

/**
 * Runs the book below the plan with --prove, up to each of these steps in turn, and records it; `undefined` is the end
 * of the book. Between two of them all checks of what was done must hold.
 */
async function prove(
  state: string,
  record: string,
  ends: (string | undefined)[],
  signal: AbortSignal,
): Promise<Counts> {
  const counts: Counts[] = [];
  let from = 'plan-show';
  for (const to of ends) {
    if (counts.length > 0) counts.push(await succeeds(state, ['check'], signal));
    if (sumOf(...counts).failed > 0) break;
    const upTo = to === undefined ? [] : ['--to', to];
    counts.push(await runBook(state, ['--from', from, ...upTo, '--prove', '--destroy', 'n1'], signal));
    from = to ?? from; // where it was, a requirement: it only looks, and once more does no harm
  }
  return sumOf(...counts, await succeeds(state, ['record', 'write', record], signal));
}

async function wholeBook(
  state: string,
  record: string,
  { signal, full, fits }: SuiteContext,
): Promise<Counts> {
  const paths = statePaths(state);
  const watch = full ? watchMachine(paths) : undefined;
  try {
    const proven = await prove(state, record, full ? [...DISTURBED, undefined] : [undefined], signal);
    process.stdout.write(measuredIn(record));
    if (proven.failed > 0) return proven;
    if (!fits(MINUTES.twice))
      return sumOf(proven, await runBook(state, ['--to', SHORT, '--twice'], signal), lateAfterShort());
    const again = sumOf(proven, await runBook(state, ['--twice'], signal));
    if (!watch) return again;
    if (!fits(MINUTES.after)) return sumOf(again, late('conformance, the benchmark and the search'));
    const controls = await countControls(state);
    const conformance = await runBook(state, [CONFORMANCE], signal);
    process.stdout.write('\nsecrets, after all that\n');
    return sumOf(again, conformance, controls, await searchSecrets(paths, watch, [record]));
  } finally {
    await watch?.end();
  }
}

const lateAfterShort = (): Counts => late(`the book after ${SHORT}`);

function late(what: string): Counts {
  process.stdout.write(`\nskipped: ${what}: it would not end in time\n`);
  return { passed: 0, failed: 0, skipped: 1 };
}
