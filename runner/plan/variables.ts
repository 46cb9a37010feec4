/**
 * Every variable that a step can see, in one table: its name, where it is set, what it means and how it
 * comes from the plan. `kfs plan variables`, the book's table, lint and the environment all read this.
 */

import type { StatePaths } from '../state.ts';
import { nthAddress } from './addresses.ts';
import { type Plan, type PlannedMachine, ROLES, subjectsOf } from './plan.ts';
import { COMPONENTS } from './versions.ts';

/** `cluster`: everywhere. `machine`: for a step on, or for, one machine. `workstation`: only there. */
export type VariableScope = 'cluster' | 'machine' | 'workstation';

export interface Variable {
  name: string;
  scope: VariableScope;
  meaning: string;
}

export interface WorkstationFolders {
  paths: StatePaths;
  checkout: string;
}

interface ClusterVariable extends Variable {
  value: (plan: Plan) => string;
}
interface MachineVariable extends Variable {
  value: (machine: PlannedMachine) => string;
}
interface WorkstationVariable extends Variable {
  value: (folders: WorkstationFolders) => string;
}

const cluster = (name: string, meaning: string, value: (plan: Plan) => string): ClusterVariable => ({
  name,
  scope: 'cluster',
  meaning,
  value,
});
const machine = (
  name: string,
  meaning: string,
  value: (machine: PlannedMachine) => string,
): MachineVariable => ({
  name,
  scope: 'machine',
  meaning,
  value,
});
const workstation = (
  name: string,
  meaning: string,
  value: (folders: WorkstationFolders) => string,
): WorkstationVariable => ({ name, scope: 'workstation', meaning, value });

const addressesOf = (plan: Plan, role: string): string[] => {
  const names = subjectsOf(plan, role);
  return plan.machines.filter(({ name }) => names.includes(name)).map(({ address }) => address);
};

const ROLE_WORDS = {
  etcd: 'that hold etcd members',
  control: 'that run the control plane',
  storage: 'that hold Ceph disks',
  node: 'that run pods',
} as const;

export const CLUSTER_VARIABLES: ClusterVariable[] = [
  cluster('KFS_CLUSTER', "the cluster's name", plan => plan.name),
  cluster('KFS_DOMAIN', 'the DNS domain of the machines and of the API', plan => plan.domain),
  cluster('KFS_SUBNET', 'the network that the machines are in', plan => plan.network.subnet),
  cluster('KFS_ROUTER', "the router's address: the default gateway", plan => plan.network.router),
  cluster('KFS_DNS', 'DNS servers, a list', plan => plan.network.dns.join(' ')),
  cluster('KFS_TIME', 'time servers, a list', plan => plan.network.time.join(' ')),
  cluster('KFS_WORKSTATION', "the workstation's address in that network", plan => plan.network.workstation),
  cluster(
    'KFS_MIRROR',
    'the URL of the mirror',
    plan => `http://${plan.network.workstation}:${plan.mirror.port}`,
  ),
  cluster('KFS_POD_RANGE', 'addresses for pods', plan => plan.pods),
  cluster('KFS_SERVICE_RANGE', 'addresses for Services', plan => plan.services),
  cluster('KFS_API_NAME', "the Kubernetes API's DNS name", plan => plan.api.name),
  cluster('KFS_API_ADDRESS', 'the address behind that name', plan => plan.api.address),
  cluster(
    'KFS_API_SERVICE_ADDRESS',
    'the address of the Service `kubernetes`: the first of the Service range',
    plan => nthAddress(plan.services, 1),
  ),
  cluster('KFS_CLUSTER_DNS', "the cluster DNS's Service address: the tenth of the Service range", plan =>
    nthAddress(plan.services, 10),
  ),
  cluster('KFS_SSH_USER', 'the login user on the machines', plan => plan.ssh.user),
  cluster('KFS_FIRST', 'the name of the machine that is brought up alone', plan =>
    subjectsOf(plan, 'first').join(''),
  ),
  cluster('KFS_FIRST_ADDRESS', 'its address', plan => addressesOf(plan, 'first').join('')),
  cluster('KFS_MACHINES', 'names of all machines, a list', plan => subjectsOf(plan, 'all').join(' ')),
  ...ROLES.flatMap(role => [
    cluster(`KFS_${role.toUpperCase()}_MACHINES`, `names of the machines ${ROLE_WORDS[role]}, a list`, plan =>
      subjectsOf(plan, role).join(' '),
    ),
    cluster(`KFS_${role.toUpperCase()}_ADDRESSES`, 'their addresses, in the same order', plan =>
      addressesOf(plan, role).join(' '),
    ),
  ]),
  cluster('KFS_ETCD_URLS', 'where etcd answers clients: one URL for each member, separated by commas', plan =>
    addressesOf(plan, 'etcd')
      .map(address => `https://${address}:2379`)
      .join(','),
  ),
  ...COMPONENTS.map(component =>
    cluster(
      `KFS_VERSION_${component.toUpperCase()}`,
      `the version of ${component.replaceAll('_', '-')}`,
      plan => plan.versions[component] ?? '',
    ),
  ),
];

export const MACHINE_VARIABLES: MachineVariable[] = [
  machine('KFS_MACHINE', "the machine's name", ({ name }) => name),
  machine('KFS_ADDRESS', 'its address', ({ address }) => address),
  machine('KFS_MAC', "its network card's MAC address", ({ mac }) => mac),
  machine('KFS_ROLES', 'its roles, a list', ({ roles }) => roles.join(' ')),
  machine('KFS_DISK', 'its system disk', ({ disk }) => disk),
  machine('KFS_DATA_DISKS', 'its data disks, a list', ({ data }) => data.join(' ')),
];

export const WORKSTATION_VARIABLES: WorkstationVariable[] = [
  workstation('KFS_HOME', 'the directory in which steps of the workstation run', ({ paths }) => paths.work),
  workstation('KFS_STATE', 'the directory in which the runner keeps its state', ({ paths }) => paths.root),
  workstation('KFS_PKI', 'keys and certificates: the roots of trust', ({ paths }) => paths.pki),
  workstation('KFS_PLAN', "the plan's file", ({ paths }) => paths.plan),
  workstation(
    'KFS_SSH_CONFIG',
    'the ssh configuration that knows the machines: `ssh -F`',
    ({ paths }) => paths.sshConfig,
  ),
  workstation(
    'KFS_BOOK',
    'the checkout of this book; it is on PATH, so that `kfs` is found',
    ({ checkout }) => checkout,
  ),
];

/** In the order in which a step sees them. */
export const VARIABLES: Variable[] = [...CLUSTER_VARIABLES, ...MACHINE_VARIABLES, ...WORKSTATION_VARIABLES];

/** Names that a plan defines, for lint. */
export const knownVariables = (): Set<string> => new Set(VARIABLES.map(({ name }) => name));
