/** Waiting for a machine that goes away and comes back. */
import { setTimeout as delay } from 'node:timers/promises';
import { KfsError } from '../errors.ts';
import type { Facts, Machine } from './machine.ts';

/** Between two attempts. Gentle: sshd holds quick, broken-off connections against their source. */
const PAUSE_MS = 2000;

/**
 * Resolves with the facts of the new boot once the machine answers under another boot id. A machine that is
 * down, still going down, or not yet ready for logins is waited for; a wrong host key is not.
 */
export async function waitForReboot(
  machine: Machine,
  previousBootId: string,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<Facts> {
  const overdue = AbortSignal.timeout(timeoutMs);
  const either = signal ? AbortSignal.any([signal, overdue]) : overdue;
  let last: unknown;
  try {
    for (;;) {
      try {
        const facts = await machine.facts(either);
        if (facts.bootId !== previousBootId) return facts;
        last = undefined;
      } catch (error) {
        if (!isPassing(error)) throw error;
        last = error;
      }
      await delay(PAUSE_MS, undefined, { signal: either });
    }
  } catch (error) {
    if (!overdue.aborted || signal?.aborted) throw error;
    throw new KfsError(
      'machine-unreachable',
      last
        ? `${machine.name} did not come back within ${Math.round(timeoutMs / 1000)} s`
        : `${machine.name} has not restarted within ${Math.round(timeoutMs / 1000)} s: it answers under the same boot id`,
      { cause: last, next: `Look at the console of ${machine.name}.` },
    );
  }
}

/** While a machine comes up, sshd may answer before it lets users in. */
const isPassing = (error: unknown): boolean =>
  error instanceof KfsError && (error.code === 'machine-unreachable' || error.code === 'login-refused');
