/**
 * The hosts that this runner works on: one `Machine` each, one step at a time each. A step that runs on the
 * workstation for several machines runs for them side by side, under one lock.
 */
import { hostname, userInfo } from 'node:os';
import { KfsError } from '../errors.ts';
import type { Lock, Machine } from '../machine/machine.ts';

interface Occupied {
  step: string;
  users: number;
  lock?: Promise<Lock>;
  /** The release of whoever was here before. */
  before: Promise<void>;
}

/** A run's stay on a host. */
export interface Stay {
  readonly machine: Machine;
  /** Takes the machine's own lock, or again if it was lost; throws machine-locked or machine-unreachable. */
  lock(signal?: AbortSignal): Promise<void>;
  leave(): void;
}

export class Hosts {
  readonly #make: (name: string) => Machine;
  readonly #machines = new Map<string, Machine>();
  readonly #occupied = new Map<string, Occupied>();
  readonly #releasing = new Map<string, Promise<void>>();

  constructor(make: (name: string) => Machine) {
    this.#make = make;
  }

  machine(name: string): Machine {
    let machine = this.#machines.get(name);
    if (!machine) {
      machine = this.#make(name);
      this.#machines.set(name, machine);
    }
    return machine;
  }

  /**
   * Throws machine-locked while another step of this runner is there. `joining`: for a run that is there
   * already, left by an earlier runner.
   */
  enter(host: string, step: string, joining = false): Stay {
    const here = this.#occupied.get(host) ?? this.#occupy(host, step);
    if (here.step !== step && !joining) {
      throw new KfsError('machine-locked', `${host} is busy with step \`${here.step}\``, {
        next: 'wait until it has ended, or stop it',
      });
    }
    here.users++;
    const machine = this.machine(host);
    let gone = false;
    return {
      machine,
      lock: signal => lockOnce(here, machine, signal),
      leave: () => {
        if (gone) return;
        gone = true;
        if (--here.users === 0) this.#vacate(host, here);
      },
    };
  }

  /** Machines may be reached in another way now: those that nothing runs on are connected anew when needed. */
  closeIdle(): void {
    for (const [name, machine] of this.#machines) {
      if (name === 'workstation' || this.#occupied.has(name)) continue;
      this.#machines.delete(name);
      void Promise.resolve(this.#releasing.get(name)).then(() => machine.close());
    }
  }

  /** Ends connections; jobs go on. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#releasing.values());
    await Promise.allSettled([...this.#machines.values()].map(machine => machine.close()));
  }

  #occupy(host: string, step: string): Occupied {
    const here = { step, users: 0, before: this.#releasing.get(host) ?? Promise.resolve() };
    this.#occupied.set(host, here);
    return here;
  }

  /** The lock is given back in the background; the next one here waits for that. */
  #vacate(host: string, here: Occupied): void {
    this.#occupied.delete(host);
    if (!here.lock) return;
    const released = here.lock
      .then(lock => lock.release())
      .catch(() => {})
      .then(() => {
        if (this.#releasing.get(host) === released) this.#releasing.delete(host);
      });
    this.#releasing.set(host, released);
  }
}

async function lockOnce(here: Occupied, machine: Machine, signal?: AbortSignal): Promise<void> {
  const older = here.lock;
  if (older) {
    const held = await older.catch(() => undefined);
    if (held && !held.lost.aborted) return;
    if (here.lock === older) here.lock = undefined;
  }
  here.lock ??= here.before.then(() => machine.lock(owner(), signal));
  await here.lock;
}

/** Shown to whoever finds the machine locked. */
const owner = (): string => `${userInfo().username}@${hostname()}, process ${process.pid}`;
