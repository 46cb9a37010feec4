/** The power driver of the lab: does at the machine's button, and with the stick, what a step asks of a person. */
import { join } from 'node:path';
import { Lab } from '../../lab/lab.ts';
import { KfsError } from '../errors.ts';
import type { PlannedMachine } from '../plan/plan.ts';
import { type HandsAction, handsAction } from '../run/hands-action.ts';
import type { PowerDriver } from '../run/power.ts';
import type { StatePaths } from '../state.ts';

/** Where the book's steps make the stick. */
export const stickFile = (paths: StatePaths): string => join(paths.root, 'os', 'stick.img');

const INSTALL_LIMIT_MS = 15 * 60_000;
const ANSWER_LIMIT_MS = 5 * 60_000;

/** For `createRunner({ power })`: a driver for the machines whose plan says `power: lab`. */
export function labPower(paths: StatePaths): (machine: PlannedMachine) => PowerDriver | null {
  const lab = new Lab(paths.lab);
  let stick: Promise<unknown> = Promise.resolve();
  /** There is one stick: installations wait for each other. */
  const withStick = (work: () => Promise<void>): Promise<void> => {
    const mine = stick.then(work);
    stick = mine.catch(() => {});
    return mine;
  };
  const driver: PowerDriver = {
    name: 'lab',
    perform: async (step, machine) => {
      const action = handsAction(step.text);
      if (!action) {
        throw new KfsError('refused', `the lab does not know how to do \`${step.id}\``, {
          next: 'its first line should begin with a word like "# cut:"',
        });
      }
      if (action === 'install') await withStick(() => install(lab, machine, stickFile(paths)));
      else await act(lab, machine, action);
      if (action !== 'power-off') await lab.waitForSsh(machine, ANSWER_LIMIT_MS);
    },
  };
  return machine => (machine.power === 'lab' ? driver : null);
}

/** As a person does: off, stick in, on; wait until it switches itself off; stick out, on. */
async function install(lab: Lab, machine: string, stick: string): Promise<void> {
  await lab.power(machine, 'cut');
  await lab.stick(machine, stick);
  try {
    await lab.power(machine, 'on');
    await lab.waitForOff(machine, INSTALL_LIMIT_MS);
  } finally {
    await lab.stick(machine);
  }
  await lab.power(machine, 'on');
}

/** To cut the power means to give it back too, else nothing could be checked. */
async function act(lab: Lab, machine: string, action: Exclude<HandsAction, 'install'>): Promise<void> {
  if (action === 'power-off') return lab.power(machine, 'off');
  if (action === 'cut' || action === 'reset') await lab.power(machine, 'cut');
  await lab.power(machine, 'on');
}
