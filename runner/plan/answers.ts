/** From flags to a plan: what `kfs plan init` is told, and what it can work out itself. */
import { networkInterfaces } from 'node:os';
import { KfsError } from '../errors.ts';
import { contains, formatAddress, parseAddress, parseRange } from './addresses.ts';
import { normalMac } from './fields.ts';
import type { PlanPath } from './issue.ts';
import { ROLES, type Role } from './plan.ts';
import type { WrittenPlan } from './schema.ts';

export type WrittenMachine = WrittenPlan['machines'][number];

/** Flags of `kfs plan init`, as commander names them. */
export interface Answers {
  name?: string;
  domain?: string;
  subnet?: string;
  router?: string;
  workstation?: string;
  dns?: string[];
  time?: string[];
  pods?: string;
  services?: string;
  apiName?: string;
  apiAddress?: string;
  mirrorPort?: number;
  sshUser?: string;
  sshKey?: string;
  machine?: Partial<WrittenMachine>[];
}

const MACHINE_KEYS = ['name', 'mac', 'address', 'disk', 'data', 'roles', 'power'] as const;

const MACHINE_FORM =
  'name=n1,mac=52:54:00:00:00:01,address=192.168.1.21,disk=/dev/sda,data=/dev/sdb,roles=etcd+control';

/** `name=n1,mac=…,address=…,disk=…,data=a+b,roles=etcd+control`; data and roles are lists, by `+`. */
export function parseMachine(text: string): Partial<WrittenMachine> {
  const machine: Record<string, unknown> = {};
  for (const part of text.split(',').filter(Boolean)) {
    const [, key, value] = /^\s*([a-z]+)=(.+?)\s*$/.exec(part) ?? [];
    if (!key || !value || !MACHINE_KEYS.some(known => known === key)) {
      throw new KfsError('usage', `--machine does not understand \`${part}\``, {
        next: `write it like \`--machine ${MACHINE_FORM}\``,
      });
    }
    if (key in machine)
      throw new KfsError('usage', `--machine ${text} says \`${key}\` twice`, {
        next: 'join values of data and roles with `+`',
      });
    machine[key] = key === 'data' || key === 'roles' ? value.split('+') : value;
  }
  return machine as Partial<WrittenMachine>;
}

/** Flags without which there can be no plan. */
export function missingFlags(answers: Answers): string[] {
  const missing: string[] = [];
  if (!answers.subnet) missing.push('--subnet');
  if (answers.subnet && !answers.workstation && !ownAddress(answers.subnet)) missing.push('--workstation');
  if (!answers.machine?.length) missing.push('--machine');
  for (const [index, machine] of (answers.machine ?? []).entries()) {
    const absent = (['mac', 'address', 'disk'] as const).filter(key => !machine[key]);
    if (absent.length)
      missing.push(`${absent.map(key => `${key}=`).join(', ')} in --machine ${machine.name ?? index + 1}`);
  }
  return missing;
}

/** The plan that the answers make, with a default for whatever has one. Its form and sense are not judged here. */
export function planFrom(answers: Answers): WrittenPlan {
  const subnet = answers.subnet ?? '';
  const machines = (answers.machine ?? []).map(completeMachine);
  const router = answers.router ?? defaultRouter(subnet);
  const workstation = answers.workstation ?? ownAddress(subnet) ?? '';
  const taken = [router, workstation, ...machines.map(machine => machine.address)];
  return {
    name: answers.name ?? 'home',
    domain: answers.domain ?? 'kfs.home.arpa',
    network: { subnet, router, workstation, dns: answers.dns ?? [router], time: answers.time ?? [router] },
    pods: answers.pods,
    services: answers.services,
    api: { name: answers.apiName, address: answers.apiAddress ?? freeAddress(subnet, taken) },
    mirror: { port: answers.mirrorPort ?? 8080 },
    ssh: { user: answers.sshUser ?? 'core', key: answers.sshKey },
    machines,
  };
}

/** The first machine holds every role, storage only when it has a disk for it; others run pods and give their disks. */
export function defaultRoles(index: number, data: string[] | undefined): Role[] {
  const roles = index === 0 ? ROLES : (['storage', 'node'] as const);
  return roles.filter(role => role !== 'storage' || (data ?? []).length > 0);
}

function completeMachine(machine: Partial<WrittenMachine>, index: number): WrittenMachine {
  return {
    name: machine.name ?? `n${index + 1}`,
    mac: normalMac(machine.mac ?? ''),
    address: machine.address ?? '',
    roles: machine.roles ?? defaultRoles(index, machine.data),
    disk: machine.disk ?? '',
    data: machine.data ?? [],
    power: machine.power ?? 'manual',
  };
}

/** Most routers have the first address of their network. */
export function defaultRouter(subnet: string): string {
  const range = parseRange(subnet);
  return range ? formatAddress(range.first + 1) : '';
}

/** This computer's address in a network, if it has one. */
export function ownAddress(subnet: string): string | undefined {
  const range = parseRange(subnet);
  const own = Object.values(networkInterfaces()).flatMap(list => (list ?? []).map(({ address }) => address));
  return range && own.find(address => contains(range, parseAddress(address) ?? -1));
}

/** This computer's own network, as a first guess. */
export function ownSubnet(): string | undefined {
  const found = Object.values(networkInterfaces())
    .flatMap(list => list ?? [])
    .find(({ family, internal, cidr }) => family === 'IPv4' && !internal && cidr);
  const range = parseRange(found?.cidr);
  return range && range.bits >= 16 && range.bits <= 29
    ? `${formatAddress(range.first)}/${range.bits}`
    : undefined;
}

/** The highest that nobody in the plan has: routers give out lower ones first. */
export function freeAddress(subnet: string, taken: string[]): string {
  const range = parseRange(subnet);
  if (!range) return '';
  for (let address = range.last - 1; address > range.first; address -= 1) {
    if (!taken.includes(formatAddress(address))) return formatAddress(address);
  }
  return '';
}

const FLAGS: Record<string, string> = {
  name: '--name',
  domain: '--domain',
  'network.subnet': '--subnet',
  'network.router': '--router',
  'network.workstation': '--workstation',
  'network.dns': '--dns',
  'network.time': '--time',
  pods: '--pods',
  services: '--services',
  'api.name': '--api-name',
  'api.address': '--api-address',
  'mirror.port': '--mirror-port',
  'ssh.user': '--ssh-user',
  'ssh.key': '--ssh-key',
};

/** The flag by which a field was answered, for messages about a plan that has no lines yet. */
export function flagOf(path: PlanPath, plan: WrittenPlan): string {
  if (path[0] === 'machines') {
    const machine = plan.machines[Number(path[1])];
    return `--machine${machine ? ` ${machine.name}` : ''}${path[2] ? ` ${path[2]}=` : ''}`;
  }
  return FLAGS[path.slice(0, 2).join('.')] ?? FLAGS[String(path[0])] ?? path.join('.');
}
