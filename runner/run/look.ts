/** Checks: run without a terminal, read only, and tried again until they hold or their time is over. */
import { KfsError } from '../errors.ts';
import type { RunChecked } from '../events.ts';
import type { Captured } from '../machine/machine.ts';
import { type ActiveRun, LinkLost, type Verdict } from './active-run.ts';
import { Backoff } from './backoff.ts';
import type { Core } from './core.ts';
import { lastLine, tail } from './words.ts';

export interface Looked {
  holds: boolean;
  status: number;
  output: string;
  /** What it comes down to, for a person. */
  reason: string;
}

/** Milliseconds that a long look may keep the next one waiting. */
const REST = 10_000;

/** A status that no script has: the machine could not be asked. */
const UNASKED = -1;

/** Runs a check once. Throws machine-unreachable and its kind; undefined when the run was stopped meanwhile. */
export async function look(active: ActiveRun, script: string): Promise<Looked | undefined> {
  try {
    const { env } = active.fields;
    const captured = await active.machine.capture(script, env, active.step.timeoutMs, active.signal);
    return asLooked(captured);
  } catch (error) {
    if (active.heed()) return undefined;
    throw error;
  }
}

function asLooked({ status, output, timedOut }: Captured): Looked {
  const holds = status === 0 && !timedOut;
  const line = lastLine(output);
  const why = timedOut ? 'it did not end in time' : `exit status ${status}`;
  return { holds, status, output, reason: line ? `${why}: ${line}` : why };
}

export async function recordLook(
  core: Core,
  active: ActiveRun,
  phase: RunChecked['phase'],
  looked: Looked,
): Promise<void> {
  const { holds, status, output } = looked;
  const event = { type: 'run.checked', at: Date.now(), run: active.run, phase, holds, status } as const;
  await core.emit({ ...event, output: tail(output, 4096) });
}

/**
 * Looks until it holds, at least once, for as long as `settle` says; only the last look is recorded. A machine
 * that does not answer is asked again: for `settle` where it is being switched on (`patient` false), else for as
 * long as a lost link is waited for, and then `LinkLost` is thrown.
 *
 * A look of up to `REST` takes at most half of the time: what it waits for needs the machine, too. (A list of all
 * that runs in the cluster, asked for without a pause, took four fifths of the minute in which the pods were to start.)
 */
export async function settle(
  core: Core,
  active: ActiveRun,
  script: string,
  options: { patient: boolean; before?: () => Promise<void> },
): Promise<Looked | undefined> {
  const deadline = Date.now() + active.step.settleMs;
  const backoff = new Backoff(100, 2000);
  for (let silentSince: number | undefined; ; ) {
    let looked: Looked | undefined;
    let took = 0;
    try {
      await options.before?.();
      const asked = Date.now();
      looked = await look(active, script);
      took = Date.now() - asked;
      silentSince = undefined;
    } catch (error) {
      if (!isSilence(error) && (options.patient || !(error instanceof KfsError))) throw error;
      silentSince ??= Date.now();
      if (options.patient && Date.now() - silentSince > core.patienceMs) throw new LinkLost(error.message);
      looked = { holds: false, status: UNASKED, output: '', reason: error.message };
    }
    if (active.heed() || !looked) return undefined;
    const over = Date.now() >= deadline && !(options.patient && silentSince !== undefined);
    if (looked.holds || over) return looked;
    const left = silentSince === undefined ? deadline - Date.now() : Number.POSITIVE_INFINITY;
    await backoff.wait(active.signal, Math.max(0, left), Math.min(took, REST));
  }
}

export const isSilence = (error: unknown): error is KfsError =>
  error instanceof KfsError && error.code === 'machine-unreachable';

export const checkFailed = (looked: Looked): Verdict => ({
  outcome: 'check-failed',
  reason: `its check does not hold (${looked.reason})`,
});
