/**
 * Whether a machine that was to be installed has started from its disk instead, past the stick. Its check cannot
 * tell: name, host key and disks are the same after an installation as before. The machine-id is not; each
 * installation draws a new one. So a machine that has the one with which an earlier run of the step has left it
 * was not installed since. What is not known for certain is no reason to refuse an installation.
 */
import { KfsError } from '../errors.ts';
import { isGood } from '../events.ts';
import type { ActiveRun, Verdict } from './active-run.ts';
import type { Core } from './core.ts';
import { handsAction } from './hands-action.ts';
import { look } from './look.ts';

/** Prints what kind of virtual machine it is, as systemd sees it, or `none`, and then fails. */
const VIRTUAL = 'systemd-detect-virt --vm || true\n';
/** Where systemd draws the machine-id. It takes that of other virtual machines from outside, the same each time. */
const DRAWN = ['none', 'uml'];

/** Asked when the check holds. */
export async function pastTheStick(core: Core, active: ActiveRun): Promise<Verdict | undefined> {
  const { step, subject, host } = active;
  if (step.handsMs === undefined || handsAction(step.text) !== 'install' || host === 'workstation')
    return undefined;
  try {
    if (!(await isAsItWas(core, active))) return undefined;
  } catch (error) {
    const stopped = active.heed();
    if (stopped || error instanceof KfsError) return stopped;
    throw error;
  }
  const was = `${subject} is the machine that it was: it has started from its disk, past the stick`;
  const next = 'choose the stick in its boot menu; when it is installed, run the step again';
  return { outcome: 'check-failed', reason: `${was} (${next})` };
}

async function isAsItWas(core: Core, active: ActiveRun): Promise<boolean> {
  const { machineId } = await active.machine.facts(active.signal);
  if (!installedBefore(core, active, machineId)) return false;
  const looked = await look(active, VIRTUAL);
  return looked !== undefined && DRAWN.includes(looked.output.trim());
}

/** Not by a re-check, nor by what this run has seen at its beginning: a person may install first and ask then. */
const installedBefore = (core: Core, { step, subject, run }: ActiveRun, machineId: string): boolean =>
  core.history.entries(step.id, subject).some(({ run: record }) => {
    if (!record?.finished || record.started.run === run || record.started.mode === 'check') return false;
    return isGood(record.finished.outcome) && record.identities.has(machineId);
  });
