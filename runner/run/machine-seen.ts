/** Who a machine is now: its machine-id and boot id, recorded when they differ from what was known. */
import { duration } from '../duration.ts';
import type { Facts, Machine } from '../machine/machine.ts';
import type { ActiveRun, Verdict } from './active-run.ts';
import { Backoff } from './backoff.ts';
import type { Core } from './core.ts';
import { isSilence } from './look.ts';

/** Asks the machine, and records what is new. A machine without a machine-id goes on under its planned name. */
export async function see(core: Core, machine: Machine, signal?: AbortSignal): Promise<Facts> {
  const facts = await machine.facts(signal);
  const known = core.history.machine(machine.name);
  const { machineId: identity, bootId } = facts;
  const isNew = known?.identity !== identity || known.bootId !== bootId;
  if (identity !== '' && isNew && machine.name !== 'workstation') {
    await core.emit({ type: 'machine.seen', at: Date.now(), machine: machine.name, identity, bootId });
  }
  return facts;
}

/** Waits until the machine is back under another boot id; a verdict when it was stopped or does not come. */
export async function waitForBoot(core: Core, active: ActiveRun, from: string): Promise<Verdict | undefined> {
  const { run, step } = active;
  const machine = core.hosts.machine(active.subject);
  const known = core.history.run(run)?.rebooting;
  if (!known) await core.emit({ type: 'run.rebooting', at: Date.now(), run, from });
  const deadline = Date.now() + step.timeoutMs;
  const backoff = new Backoff(500, 3000);
  while (Date.now() < deadline) {
    const to = await bootIdOf(core, machine, active);
    const verdict = active.heed();
    if (verdict) return verdict;
    if (to !== undefined && to !== from) {
      await core.emit({ type: 'run.rebooting', at: Date.now(), run, from, to });
      return undefined;
    }
    await backoff.wait(active.signal, deadline - Date.now());
  }
  return { outcome: 'timeout', reason: `${machine.name} was not back within ${duration(step.timeoutMs)}` };
}

async function bootIdOf(core: Core, machine: Machine, active: ActiveRun): Promise<string | undefined> {
  try {
    return (await see(core, machine, active.signal)).bootId;
  } catch (error) {
    if (isSilence(error) || active.signal.aborted) return undefined;
    throw error;
  }
}
