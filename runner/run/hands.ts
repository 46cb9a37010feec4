/** Steps that a person does, or a power driver in his place; the check decides whether it was done. */
import { KfsError } from '../errors.ts';
import type { ActiveRun, Verdict } from './active-run.ts';
import type { Core } from './core.ts';
import { isStorageError } from './execute.ts';

/** Waits until it is done; a verdict when it was stopped or the driver could not. `waiting`: recorded already. */
export async function waitForHands(
  core: Core,
  active: ActiveRun,
  waiting = false,
): Promise<Verdict | undefined> {
  const driver = core.power(active.subject);
  const { run } = active;
  const reader = Promise.withResolvers<string>();
  active.handsDone = reader.resolve;
  const stopped = new Promise<undefined>(resolve => {
    active.signal.addEventListener('abort', () => resolve(undefined), { once: true });
    if (active.signal.aborted) resolve(undefined);
  });
  try {
    if (!waiting) await core.emit({ type: 'run.hands', at: Date.now(), run, state: 'waiting' });
    const work = driver
      ? driver.perform(active.step, active.subject, active.signal).then(() => driver.name)
      : reader.promise;
    const by = await Promise.race([work, stopped]);
    const verdict = active.heed();
    if (verdict || by === undefined) return verdict;
    await core.emit({ type: 'run.hands', at: Date.now(), run, state: 'done', by });
    return undefined;
  } catch (error) {
    const verdict = active.heed();
    if (verdict) return verdict;
    if (!driver || isStorageError(error) || !(error instanceof Error)) throw error;
    const next = error instanceof KfsError && error.next ? ` (${error.next})` : '';
    return { outcome: 'failed', reason: `${driver.name} could not do it: ${error.message}${next}` };
  } finally {
    active.handsDone = undefined;
  }
}
