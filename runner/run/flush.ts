/** What a step of the workstation has written on its machine, over ssh. The machine's own steps are flushed there. */
import type { ActiveRun } from './active-run.ts';
import type { Core } from './core.ts';

/** The file system of `/etc` and of the programs; data has programs of its own that look after it. */
const FLUSH = 'sync --file-system /';
const LIMIT_MS = 30_000;

/** Before a step is said to be done, so that no power cut takes from it what the journal has. */
export async function flushSubject(core: Core, { host, subject, signal }: ActiveRun): Promise<void> {
  if (host !== 'workstation' || subject === 'workstation') return;
  // A machine that does not answer has nothing that was written just now, or its check will say so.
  await core.hosts
    .machine(subject)
    .capture(FLUSH, {}, LIMIT_MS, signal)
    .catch(() => {});
}
