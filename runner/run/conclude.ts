/** How a run ends: recorded, and its copy on the host forgotten; or left to be found again. */
import { KfsError } from '../errors.ts';
import { flushTranscript } from '../journal/transcript.ts';
import { type ActiveRun, Detached, LinkLost, type Verdict } from './active-run.ts';
import type { Core } from './core.ts';
import { isStorageError } from './execute.ts';
import { isOpen } from './history.ts';
import type { RunResult } from './runner.ts';

/** Does the work and records how it ended; what could not be recorded is found again later. */
export async function conclude(
  core: Core,
  active: ActiveRun,
  what: () => Promise<Verdict>,
): Promise<RunResult> {
  const { run, step, subject } = active;
  const result = (verdict: Verdict): RunResult => ({
    run,
    step: step.id,
    subject,
    ...verdict,
    durationMs: core.history.run(run)?.exited?.durationMs ?? Date.now() - active.fields.startedAt,
  });
  try {
    const verdict = await what().catch(error => verdictOfError(core, active, error));
    // Whoever hears of the end may begin something there at once.
    active.fields.stay.leave();
    await recordEnd(core, run, verdict);
    if (verdict.outcome === 'lost') core.retryLater(run);
    else tidy(core, active);
    return result(verdict);
  } catch (error) {
    if (error instanceof Detached) return result({ outcome: 'lost', reason: `goes on on ${active.host}` });
    if (!(error instanceof KfsError) || !isStorageError(error)) throw error;
    core.retryLater(run);
    return result({ outcome: 'lost', reason: error.message, code: error.code });
  }
}

/** A run that was lost before and still is has nothing new to say. */
async function recordEnd(core: Core, run: string, { outcome, reason }: Verdict): Promise<void> {
  const lostBefore = core.history.run(run)?.finished?.outcome === 'lost';
  if (outcome === 'lost' && lostBefore) return;
  await core.emit({ type: 'run.finished', at: Date.now(), run, outcome, reason });
}

/** What a failure in the middle of the work says about the run; rethrows what says nothing. */
function verdictOfError(core: Core, active: ActiveRun, error: unknown): Verdict {
  if (active.fields.detached.aborted) throw new Detached();
  if (error instanceof LinkLost) {
    return { outcome: 'lost', reason: `${error.message}; it goes on on ${active.host}, and is joined again` };
  }
  if (isStorageError(error) || !(error instanceof KfsError)) throw error;
  if (error.code === 'interrupted') return { outcome: 'interrupted', reason: error.message };
  const shipped = core.history.run(active.run)?.bootId !== undefined;
  return shipped ? { outcome: 'lost', reason: error.message } : refusal(error);
}

export const refusal = (error: KfsError): Verdict => ({
  outcome: 'refused',
  reason: error.next ? `${error.message}: ${error.next}` : error.message,
  code: error.code,
});

/** The host's copy goes once ours is on the disk; what stays there is found and removed at the next start. */
function tidy(core: Core, active: ActiveRun): void {
  const record = core.history.run(active.run);
  if (record?.bootId === undefined || isOpen(record)) return;
  const work = flushTranscript(core.paths, active.run)
    .then(() => active.machine.forget(active.run))
    .catch(() => {})
    .finally(() => core.tidying.delete(work));
  core.tidying.add(work);
}
