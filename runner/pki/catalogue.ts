/**
 * Everything that the cluster's trust hangs on, as a list made from the plan. Pure: nothing is read or
 * written here. `init.ts` compares the list with the folder and makes what is missing.
 */
import { nthAddress } from '../plan/addresses.ts';
import type { Plan, PlannedMachine, Role } from '../plan/plan.ts';

/** In the order in which they are made. */
export const PARTS = [
  'root', 'authorities', 'etcd', 'control', 'node', 'services', 'people', 'secrets', 'ssh', 'machines',
] as const; // biome-ignore format: a list to be read in one look
export type Part = (typeof PARTS)[number];

export interface Item {
  part: Part;
  /** Only for this machine. */
  machine?: string;
  /** Path below the PKI folder; a certificate has two files, `.crt` and `.key`. */
  file: string;
}

export interface Authority {
  /** How many authorities may stand below it. */
  pathLength: number;
  /** Nothing outside these is believed, whoever below it has signed. */
  only?: { names: string[]; ranges: string[] };
}

export interface Certificate extends Item {
  kind: 'certificate';
  /** The authority that signs, by its file; an authority that names itself is a root. */
  issuer: string;
  /** Use the key of that certificate instead of one of its own. */
  keyOf?: string;
  commonName: string;
  /** For Kubernetes, a group. */
  organization: string;
  names: string[];
  addresses: string[];
  usages: Usage[];
  authority?: Authority;
  days: number;
  bits: number;
}
export type Usage = 'server' | 'client';

/** A copy of another file, in the folder of the machine that needs it. */
export interface Copy extends Item {
  kind: 'copy';
  from: string;
}

/** Something random, made once and never again. */
export interface Secret extends Item {
  kind: 'secret';
  secret: 'service-account' | 'encryption' | 'bootstrap-token';
}

export type Entry = Certificate | Copy | Secret;

//#region lifetimes
const YEAR = 365;
const ROOT = { days: 20 * YEAR, bits: 4096 };
const AUTHORITY = { days: 10 * YEAR, bits: 3072 };
const LEAF = { days: YEAR, bits: 2048 };
//#endregion

/** The whole list, in an order in which everything comes after what it needs. */
export function catalogue(plan: Plan): Entry[] {
  const entries = [
    ...authorities(plan),
    ...plan.machines.flatMap(machine => certificatesOf(plan, machine)),
    ...workstation(plan),
    ...people(),
    ...secrets(),
    ...plan.machines.flatMap(copiesFor),
  ];
  return PARTS.flatMap(part => entries.filter(entry => entry.part === part));
}

//#region authorities
function authorities(plan: Plan): Certificate[] {
  const ca = (part: Part, file: string, words: string, pathLength: number, more: Partial<Certificate>) =>
    certificate({
      part, file, issuer: 'root/ca', commonName: `${plan.name} ${words}`, organization: plan.name,
      authority: { pathLength }, ...AUTHORITY, ...more,
    }); // biome-ignore format: one field of a certificate beside the other
  return [
    ca('root', 'root/ca', 'root CA', 1, { ...ROOT, authority: { pathLength: 1, only: boundsOf(plan) } }),
    ca('authorities', 'etcd/ca', 'etcd CA', 0, { usages: ['server', 'client'] }),
    ca('authorities', 'kubernetes/ca', 'Kubernetes CA', 0, { usages: ['server', 'client'] }),
    ca('authorities', 'kubernetes/anchor', 'Kubernetes CA', 0, {
      usages: ['server', 'client'], issuer: 'kubernetes/anchor', keyOf: 'kubernetes/ca',
    }), // biome-ignore format: as above
    ca('authorities', 'front-proxy/ca', 'front-proxy CA', 0, { usages: ['client'] }),
    ca('authorities', 'services/ca', 'services CA', 0, { usages: ['server'] }),
  ];
}

/** What the root may vouch for: this cluster, and nothing else on earth. */
const boundsOf = (plan: Plan): Authority['only'] => ({
  names: [...new Set([plan.domain, plan.api.name, 'localhost', ...KUBERNETES_NAMES])],
  ranges: [plan.network.subnet, `${nthAddress(plan.services, 1)}/32`, '127.0.0.0/8'],
});

/** How pods call the API server; `cluster.local` is the domain of the Services. */
const KUBERNETES_NAMES = [
  'kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local',
]; // biome-ignore format: a list to be read in one look
//#endregion

//#region machines
function certificatesOf(plan: Plan, machine: PlannedMachine): Certificate[] {
  const host = `${machine.name}.${plan.domain}`;
  const here = { names: [host, 'localhost'], addresses: [machine.address, '127.0.0.1'] };
  const of = (role: Role, folder: string, issuer: string) =>
    (file: string, commonName: string, more: Partial<Certificate>): Certificate[] =>
      machine.roles.includes(role)
        ? [certificate({ part: folder === 'services' ? 'services' : role as Part, machine: machine.name,
            file: `machines/${machine.name}/${folder}/${file}`, issuer, commonName, usages: ['client'], ...more })]
        : []; // biome-ignore format: a table in the form of functions
  const etcd = of('etcd', 'etcd', 'etcd/ca');
  const control = of('control', 'kubernetes', 'kubernetes/ca');
  return [
    ...etcd('server', host, { usages: ['server', 'client'], ...here }),
    ...etcd('peer', host, { usages: ['server', 'client'], names: [host], addresses: [machine.address] }),
    ...etcd('client', `etcd-client-${machine.name}`, {}),

    ...control('apiserver', 'kube-apiserver', { usages: ['server'], ...apiNames(plan, here) }),
    ...control('apiserver-kubelet-client', 'kube-apiserver-kubelet-client', {}),
    ...control('apiserver-etcd-client', 'kube-apiserver-etcd-client', { issuer: 'etcd/ca' }),
    ...control('front-proxy-client', 'front-proxy-client', { issuer: 'front-proxy/ca' }),
    ...control('controller-manager', 'system:kube-controller-manager', {}),
    ...control('scheduler', 'system:kube-scheduler', {}),

    ...of('node', 'node', 'kubernetes/ca')('kube-proxy', 'system:kube-proxy', {}),

    ...of('control', 'services', 'services/ca')('registry', `registry.${plan.domain}`, {
      usages: ['server'], names: [`registry.${plan.domain}`, ...here.names], addresses: here.addresses,
    }), // biome-ignore format: as above
  ];
}

const apiNames = (plan: Plan, here: { names: string[]; addresses: string[] }) => ({
  names: [plan.api.name, ...here.names, ...KUBERNETES_NAMES],
  addresses: [...new Set([plan.api.address, nthAddress(plan.services, 1), ...here.addresses])],
});
//#endregion

//#region people
const people = (): Certificate[] => [
  person('admin', 'kfs:cluster-admins'),
  person('break-glass', 'system:masters'),
];

const person = (name: string, organization: string) =>
  certificate({
    part: 'people', file: `people/${name}`, issuer: 'kubernetes/ca', commonName: name, organization,
    usages: ['client'],
  }); // biome-ignore format: as above
//#endregion

/** The workstation gives new machines their configuration over TLS. */
const workstation = (plan: Plan): Certificate[] => [
  certificate({
    part: 'services', file: 'workstation/server', issuer: 'services/ca', usages: ['server'],
    commonName: `workstation.${plan.domain}`, names: [`workstation.${plan.domain}`, 'localhost'],
    addresses: [plan.network.workstation, '127.0.0.1'],
  }),
]; // biome-ignore format: as above

//#region copies
const secrets = (): Secret[] => [
  { kind: 'secret', part: 'secrets', file: 'secrets/service-account', secret: 'service-account' },
  { kind: 'secret', part: 'secrets', file: 'secrets/encryption-config.yaml', secret: 'encryption' },
  { kind: 'secret', part: 'secrets', file: 'secrets/bootstrap-token', secret: 'bootstrap-token' },
];

/** Role, folder on the machine, name there, where it comes from. */
const COPIES: [Role | 'all', string, string][] = [
  ['etcd', 'etcd/ca.crt', 'etcd/ca.crt'],
  ['control', 'kubernetes/ca.crt', 'kubernetes/ca.crt'],
  ['control', 'kubernetes/ca.key', 'kubernetes/ca.key'],
  ['control', 'kubernetes/anchor.crt', 'kubernetes/anchor.crt'],
  ['control', 'kubernetes/etcd-ca.crt', 'etcd/ca.crt'],
  ['control', 'kubernetes/front-proxy-ca.crt', 'front-proxy/ca.crt'],
  ['control', 'kubernetes/service-account.key', 'secrets/service-account.key'],
  ['control', 'kubernetes/service-account.pub', 'secrets/service-account.pub'],
  ['control', 'kubernetes/encryption-config.yaml', 'secrets/encryption-config.yaml'],
  ['node', 'node/ca.crt', 'kubernetes/ca.crt'],
  ['node', 'node/bootstrap-token', 'secrets/bootstrap-token'],
  ['all', 'services/ca.crt', 'services/ca.crt'],
];

const copiesFor = ({ name, roles }: PlannedMachine): Copy[] =>
  COPIES.filter(([role]) => role === 'all' || roles.includes(role)).map(([, to, from]) => ({
    kind: 'copy', part: 'machines', machine: name, file: `machines/${name}/${to}`, from,
  })); // biome-ignore format: as above
//#endregion

type Given = Pick<Certificate, 'part' | 'file' | 'issuer' | 'commonName'> & Partial<Certificate>;

const certificate = (given: Given): Certificate => ({
  kind: 'certificate',
  organization: '',
  names: [],
  addresses: [],
  usages: [],
  ...LEAF,
  ...given,
});
