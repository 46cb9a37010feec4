/**
 * The plan as the rest of the program sees it, after `load.ts` has read, checked and completed it.
 * The zod schema in `schema.ts` is the source; this file names the parts others use.
 */

/** Roles that a machine of the plan can hold. */
export const ROLES = ['etcd', 'control', 'storage', 'node'] as const;
export type Role = (typeof ROLES)[number];

/** Where a step may run: `workstation`, a role, or a derived group. */
export const PLACES = ['workstation', ...ROLES, 'all', 'first', 'new'] as const;

export interface PlannedMachine {
  name: string;
  mac: string;
  address: string;
  roles: Role[];
  /** System disk, a /dev path. */
  disk: string;
  /** Data disks, /dev paths; never touched by the installer. */
  data: string[];
  power: 'manual' | 'lab';
}

export interface Plan {
  name: string;
  domain: string;
  network: {
    subnet: string;
    router: string;
    dns: string[];
    time: string[];
    /** The workstation's address on the machines' network, where they find the mirror. */
    workstation: string;
  };
  pods: string;
  services: string;
  api: { name: string; address: string };
  mirror: { port: number };
  /** Pinned versions by component, e.g. kubernetes: 1.37.2. */
  versions: Record<string, string>;
  ssh: {
    user: string;
    /** Private key file; default: the one the book makes in the state directory. */
    key?: string;
    /** Extra ssh_config that is read first (the lab's way in). */
    config?: string;
  };
  /** In order; the first is the one that is brought up alone. */
  machines: PlannedMachine[];
}

/**
 * Names of the machines that a place stands for. `workstation` is `['workstation']`; `first` the first
 * machine; `new` all but the first; `all` all; a role, those that hold it.
 */
export function subjectsOf(plan: Plan, place: string): string[] {
  if (place === 'workstation') return ['workstation'];
  if (place === 'first') return plan.machines.slice(0, 1).map(machine => machine.name);
  if (place === 'new') return plan.machines.slice(1).map(machine => machine.name);
  if (place === 'all') return plan.machines.map(machine => machine.name);
  return plan.machines.filter(machine => machine.roles.includes(place as Role)).map(machine => machine.name);
}
