/**
 * What a lab is: a network with a router, and machines on it. The part of the plan that the lab reads (by a small
 * reader of its own: the lab knows nothing of books) and what is the lab's own affair, kept in `lab.json`.
 */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import { KfsError } from '../runner/errors.ts';

export interface LabMachine {
  name: string;
  mac: string;
  address: string;
  /** System disk as the machine sees it. */
  disk: string;
  /** Data disks as the machine sees them. */
  data: string[];
}

export interface LabNetwork {
  domain: string;
  /** CIDR. */
  subnet: string;
  router: string;
  workstation: string;
  /** Port of the mirror at the workstation's address. */
  mirrorPort: number;
  /** Names besides the machines' own: name to address. */
  hosts: Record<string, string>;
}

export interface LabPlan {
  network: LabNetwork;
  machines: LabMachine[];
}

export const BACKENDS = ['uml', 'qemu'] as const;
export type Backend = (typeof BACKENDS)[number];

export const FIRMWARES = ['bios', 'uefi'] as const;
export type Firmware = (typeof FIRMWARES)[number];

/** What the lab decides and the plan does not say. */
export interface LabSettings {
  backend: Backend;
  firmware: Firmware;
  /** Memory of each machine, in MiB. */
  memory: number;
  /** Size of system and data disks, in GiB; the files are sparse. */
  disk: number;
  data: number;
  /** Folder with `boot.json`: what a machine with an empty disk boots. */
  image?: string;
  /** Folder that is served at the workstation's address: the mirror. */
  mirror?: string;
}

export const DEFAULTS: LabSettings = { backend: 'uml', firmware: 'bios', memory: 2560, disk: 20, data: 10 };

/** What is given, else what was, else the default. An `image` that is given as undefined is forgotten. */
export function settled(before: LabSettings | undefined, given: Partial<LabSettings>): LabSettings {
  const image = given.image ? { image: resolve(given.image) } : {};
  return { ...DEFAULTS, ...before, ...given, ...image };
}

/** Device names differ between the backends; everything else of the image is the same. */
export const deviceName = (backend: Backend, index: number): string =>
  `/dev/${backend === 'uml' ? 'ubd' : 'vd'}${String.fromCharCode(97 + index)}`;

/** Reads a `cluster.yaml`. Only what the lab needs is looked at; `kfs plan` is the judge of the rest. */
export async function readPlan(file: string): Promise<LabPlan> {
  const text = await readFile(file, 'utf8');
  let plan: Raw;
  try {
    plan = parse(text) as Raw;
  } catch (error) {
    throw new KfsError('plan-invalid', `${file} is not YAML: ${(error as Error).message}`, {
      next: 'kfs plan show tells the line',
      cause: error,
    });
  }
  if (!plan?.network?.subnet || !Array.isArray(plan.machines)) {
    throw new KfsError('plan-invalid', `${file} names no network or no machines`, { next: 'kfs plan init' });
  }
  return fromRaw(plan);
}

interface Raw {
  domain?: string;
  network?: { subnet?: string; router?: string; workstation?: string };
  api?: { name?: string; address?: string };
  mirror?: { port?: number };
  machines?: { name: string; mac: string; address: string; disk?: string; data?: string[] }[];
}

function fromRaw(plan: Raw): LabPlan {
  const domain = plan.domain ?? 'kfs.home.arpa';
  const { subnet = '', router = '', workstation = '' } = plan.network ?? {};
  const api = plan.api?.address ? { [plan.api.name ?? `api.${domain}`]: plan.api.address } : {};
  return {
    network: { domain, subnet, router, workstation, mirrorPort: plan.mirror?.port ?? 8080, hosts: api },
    machines: (plan.machines ?? []).map(machine => ({
      name: machine.name,
      mac: machine.mac.toLowerCase(),
      address: machine.address,
      disk: machine.disk ?? '',
      data: machine.data ?? [],
    })),
  };
}

/** Throws when the lab cannot make these machines: doubles, or disks that the backend names differently. */
export function checkPlan(plan: LabPlan, backend: Backend): void {
  if (plan.machines.length === 0) throw unfit('the plan has no machines', 'kfs plan init');
  refuseDoubles(plan);
  for (const machine of plan.machines) refuseForeignDisks(machine, backend);
}

const unfit = (message: string, next: string): KfsError => new KfsError('lab-failed', message, { next });

/** The router gives a lease by MAC, and one address to one machine. */
function refuseDoubles({ network, machines }: LabPlan): void {
  for (const field of ['name', 'mac', 'address'] as const) {
    const owners = new Map<string, string>();
    if (field === 'address')
      owners.set(network.router, 'the router').set(network.workstation, 'the workstation');
    for (const machine of machines) {
      const other = owners.get(machine[field]);
      if (other) {
        const message = `${machine.name} and ${other} both have the ${field} ${machine[field]}`;
        throw unfit(`${message}: their leases would collide`, 'give each its own in the plan');
      }
      owners.set(machine[field], machine.name);
    }
  }
}

function refuseForeignDisks(machine: LabMachine, backend: Backend): void {
  [machine.disk, ...machine.data].forEach((disk, index) => {
    const real = deviceName(backend, index);
    if (disk === real) return;
    throw unfit(
      `the plan calls a disk of ${machine.name} ${disk || 'nothing'}, but on the ${backend} backend it is ${real}`,
      `write ${real} in the plan, or choose the backend whose names it uses`,
    );
  });
}

/** A plan for a lab of `count` machines: the text of a `cluster.yaml`. `sshConfig` is relative to the plan. */
export function proposePlan(count: number, backend: Backend, sshConfig: string): string {
  const machines = Array.from({ length: count }, (_, index) => proposeMachine(index, count, backend)).join(
    '',
  );
  return `# The plan of the lab's machines, written by \`kfs lab up\`. Yours to change; \`kfs plan show\` checks it.
name: lab
domain: kfs.home.arpa
network:
  subnet: 10.77.0.0/24
  router: 10.77.0.1
  workstation: 10.77.0.2
api:
  address: 10.77.0.10
ssh:
  config: ${sshConfig}
machines:
${machines}`;
}

/** An odd number of machines are etcd members, at most three; all do everything else. */
function proposeMachine(index: number, count: number, backend: Backend): string {
  const members = count >= 3 ? 3 : 1;
  const roles = [...(index < members ? ['etcd', 'control'] : []), 'storage', 'node'];
  const octet = 11 + index;
  return `  - name: n${index + 1}
    mac: 52:54:00:77:00:${octet}
    address: 10.77.0.${octet}
    roles: [${roles.join(', ')}]
    disk: ${deviceName(backend, 0)}
    data: [${deviceName(backend, 1)}]
    power: lab
`;
}
