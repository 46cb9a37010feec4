/** Many cells in the book's order: step after step, each on its subjects side by side. */
import type { Step } from '../book/manifest.ts';
import { KfsError } from '../errors.ts';
import { isGood } from '../events.ts';
import type { Core } from './core.ts';
import { latest } from './fold.ts';
import { endOfOthersLeft } from './resume.ts';
import { newRunId, runCell } from './run-cell.ts';
import type { RunResult, Selection, SeriesOptions } from './runner.ts';
import { expand, type Planned } from './selection.ts';
import { hostOf } from './subjects.ts';

export interface SeriesSettings {
  /** How many subjects of a step at once. */
  parallel: number;
  /** Takes up a plan that has changed on disk, as a step of the book may change it; true when it had. */
  refreshPlan(): boolean;
}

/**
 * Resolves when all has run, when something failed (unless `keepGoing`), or as soon as the signal aborts: then
 * with what has ended, and what runs goes on.
 */
export async function runSeries(
  core: Core,
  selection: Selection,
  options: SeriesOptions,
  settings: SeriesSettings,
): Promise<RunResult[]> {
  const results: RunResult[] = [];
  const aborted = new Promise<void>(resolve => {
    options.signal?.addEventListener('abort', () => resolve(), { once: true });
  });
  let queued = expand(core.book, core.cells(), selection);
  for (let each = queued.shift(); each && !options.signal?.aborted; each = queued.shift()) {
    const planned = each;
    const queue = each.subjects.filter(subject => stillWanted(core, selection, options, planned, subject));
    const workers = Array.from({ length: Math.min(settings.parallel, queue.length) }, async () => {
      for (let subject = queue.shift(); subject !== undefined; subject = queue.shift()) {
        results.push(await runOne(core, planned, subject, options));
        if (options.signal?.aborted) return;
      }
    });
    const all = Promise.all(workers);
    all.catch(() => {});
    await Promise.race([all, aborted]);
    if (!options.keepGoing && results.some(({ outcome }) => !isGood(outcome))) break;
    if (settings.refreshPlan()) queued = after(core, planned.step, selection);
  }
  // A copy: what goes on after an abort is not part of the answer.
  return [...results];
}

/** What the selection holds below a step, under the plan as it is now. */
function after(core: Core, step: Step, selection: Selection): Planned[] {
  const { steps } = core.book.manifest;
  const below = new Set(steps.slice(steps.findIndex(({ id }) => id === step.id) + 1));
  return expand(core.book, core.cells(), selection).filter(each => below.has(each.step));
}

/** What was stale when the series began may have been accepted meanwhile. */
function stillWanted(
  core: Core,
  selection: Selection,
  options: SeriesOptions,
  { step, named }: Planned,
  subject: string,
): boolean {
  const ref = { step: step.id, subject };
  if (selection.stale) return core.cells().cell(ref)?.status === 'stale';
  if (options.mode !== 'check') return true;
  const wasDone = latest(core.cells().folded(ref)) !== undefined;
  if (!step.check && step.kind !== 'gate') return false;
  // An event has happened; what it has shown need not be so for ever.
  if (step.kind === 'event') return named && wasDone;
  return named || wasDone || options.all === true;
}

async function runOne(
  core: Core,
  planned: Planned,
  subject: string,
  options: SeriesOptions,
): Promise<RunResult> {
  const { step } = planned;
  const { by, mode, prove, destroy } = options;
  const request = { step: step.id, subject, digest: step.digest, by };
  const settled =
    options.mode === 'check'
      ? undefined
      : (happened(core, planned, subject, options) ??
        again(core, step, subject, options) ??
        seen(core, planned, subject, options));
  if (settled) return settled;
  // A step by itself is refused while another one is there; a series takes its turn.
  await endOfOthersLeft(core, step, hostOf(step, subject));
  const looksOnly = options.twice && step.kind === 'step';
  return runCell(core, {
    ...request,
    mode: looksOnly ? 'check' : mode,
    ...(prove && step.kind === 'step' && { prove }),
    ...(destroy?.includes(subject) && { confirm: subject }),
  });
}

/** An event happens once a digest, and when it is asked for by name. */
function happened(
  core: Core,
  { step, named }: Planned,
  subject: string,
  options: SeriesOptions,
): RunResult | undefined {
  if (step.kind !== 'event' || options.mode === 'force') return undefined;
  const run = doneWithThisText(core, step, subject);
  if (run !== undefined && (!named || options.twice))
    return nothingToDo(run, step, subject, 'it has happened already');
  return options.twice ? wouldRun(step, subject, 'it has not happened with this text') : undefined;
}

/** In a second run, what only shows something need not do so once more. */
function seen(
  core: Core,
  { step, named }: Planned,
  subject: string,
  options: SeriesOptions,
): RunResult | undefined {
  if (!options.twice || step.kind !== 'show' || named) return undefined;
  const run = doneWithThisText(core, step, subject);
  if (run === undefined) return undefined;
  return nothingToDo(run, step, subject, 'it has been seen already, and changes nothing');
}

/** The run by which the cell is done, unless that was another text. */
function doneWithThisText(core: Core, step: Step, subject: string): string | undefined {
  const folded = core.cells().folded({ step: step.id, subject });
  const isDone = folded.settled === 'done' && latest(folded)?.digest === step.digest;
  return isDone ? (folded.run?.started.run ?? newRunId()) : undefined;
}

const nothingToDo = (run: string, step: Step, subject: string, reason: string): RunResult => ({
  run,
  step: step.id,
  subject,
  outcome: 'proven',
  reason,
  durationMs: 0,
});

/** In a second run nothing may need to run. */
function again(core: Core, step: Step, subject: string, options: SeriesOptions): RunResult | undefined {
  if (!options.twice || step.kind !== 'step') return undefined;
  const stale = core.cells().stale({ step: step.id, subject });
  return stale === undefined ? undefined : wouldRun(step, subject, stale);
}

const wouldRun = (step: Step, subject: string, why: string): RunResult => ({
  run: newRunId(),
  step: step.id,
  subject,
  outcome: 'check-failed',
  reason: `would run again: ${why}`,
  durationMs: 0,
});

/** What `runSeries` would run. */
export function preview(
  core: Core,
  selection: Selection,
): { step: string; subject: string; destroys?: string }[] {
  return expand(core.book, core.cells(), selection).flatMap(({ step, subjects }) =>
    subjects.map(subject => ({
      step: step.id,
      subject,
      ...(step.destroys !== undefined && { destroys: step.destroys }),
    })),
  );
}

/** Refuses options that contradict each other. */
export function assertSeries({ prove, twice, mode }: SeriesOptions): void {
  if (prove && twice) throw new KfsError('usage', 'prove and twice contradict each other');
  if ((prove || twice) && mode !== 'run')
    throw new KfsError('usage', `${prove ? 'prove' : 'twice'} needs mode run`);
}
