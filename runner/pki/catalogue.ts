/**
 * Everything that the cluster's trust hangs on, as a list made from the plan. Pure: nothing is read or
 * written here. `init.ts` compares the list with the folder and makes what is missing.
 */
import { nthAddress } from '../plan/addresses.ts';
import type { Plan, PlannedMachine, Role } from '../plan/plan.ts';
import { type Authority, type Certificate, type Copy, type Entry, PARTS, type Secret } from './entry.ts';

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
    workstation(plan),
    metricsServer(),
    person('admin', 'kfs:cluster-admins'),
    person('break-glass', 'system:masters'),
    ...secrets(),
    ...plan.machines.flatMap(copiesFor),
  ];
  return PARTS.flatMap(part => entries.filter(entry => entry.part === part));
}

//#region authorities
function authorities(plan: Plan): Certificate[] {
  const named = (words: string) => ({ commonName: `${plan.name} ${words}`, organization: plan.name });
  const authority = (file: string, words: string, more: Given) =>
    certificate('authorities', file, {
      issuer: 'root/ca',
      authority: { pathLength: 0 },
      ...AUTHORITY,
      ...named(words),
      ...more,
    });
  return [
    certificate('root', 'root/ca', {
      issuer: 'root/ca',
      authority: { pathLength: 1, only: boundsOf(plan) },
      ...ROOT,
      ...named('root CA'),
    }),
    authority('etcd/ca', 'etcd CA', { usages: ['server', 'client'] }),
    authority('kubernetes/ca', 'Kubernetes CA', { usages: ['server', 'client'] }),
    authority('kubernetes/anchor', 'Kubernetes CA', {
      issuer: 'kubernetes/anchor',
      keyOf: 'kubernetes/ca',
      usages: ['server', 'client'],
    }),
    authority('front-proxy/ca', 'front-proxy CA', { usages: ['client'] }),
    authority('services/ca', 'services CA', { usages: ['server'] }),
  ];
}

/** What the root may vouch for: this cluster, and nothing else on earth. */
const boundsOf = (plan: Plan): Authority['only'] => ({
  names: [plan.domain, plan.api.name, ...KUBERNETES_NAMES, METRICS_SERVER, 'localhost'],
  ranges: [plan.network.subnet, `${nthAddress(plan.services, 1)}/32`, '127.0.0.0/8'],
});

/** How pods call the API server. */
const KUBERNETES_NAMES = [
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
];

/** How the API server calls the one server in the cluster that extends it. */
const METRICS_SERVER = 'metrics-server.kube-system.svc';
//#endregion

//#region machines
function certificatesOf(plan: Plan, machine: PlannedMachine): Certificate[] {
  const host = `${machine.name}.${plan.domain}`;
  const here = { names: [host, 'localhost'], addresses: [machine.address, '127.0.0.1'] };
  const registry = `registry.${plan.domain}`;
  const { etcd, control, node, services } = forMachine(machine);
  return [
    etcd('server', host, { usages: ['server', 'client'], ...here }),
    etcd('peer', host, { usages: ['server', 'client'], names: [host], addresses: [machine.address] }),
    etcd('client', `etcd-client-${machine.name}`),

    control('apiserver', 'kube-apiserver', { usages: ['server'], ...apiNames(plan, here) }),
    control('apiserver-kubelet-client', 'kube-apiserver-kubelet-client'),
    control('apiserver-etcd-client', 'kube-apiserver-etcd-client', { issuer: 'etcd/ca' }),
    control('front-proxy-client', 'front-proxy-client', { issuer: 'front-proxy/ca' }),
    control('controller-manager', 'system:kube-controller-manager'),
    control('scheduler', 'system:kube-scheduler'),
    control('node-approver', 'kfs:node-approver'),

    node('kube-proxy', 'system:kube-proxy'),
    services('registry', registry, { usages: ['server'], ...here, names: [registry, ...here.names] }),
  ].flat();
}

const apiNames = (plan: Plan, here: { names: string[]; addresses: string[] }) => ({
  names: [plan.api.name, ...KUBERNETES_NAMES, ...here.names],
  addresses: [...new Set([plan.api.address, nthAddress(plan.services, 1), ...here.addresses])],
});

/** One function for each folder of a machine; it makes an entry if the machine has the role, else none. */
function forMachine({ name, roles }: PlannedMachine) {
  const folder =
    (part: 'etcd' | 'control' | 'node' | 'services', path: string, role: Role, issuer: string) =>
    (file: string, commonName: string, more: Given = {}): Certificate[] => {
      if (!roles.includes(role)) return [];
      const about: Given = { machine: name, issuer, commonName, usages: ['client'] };
      return [certificate(part, `machines/${name}/${path}/${file}`, { ...about, ...more })];
    };
  return {
    etcd: folder('etcd', 'etcd', 'etcd', 'etcd/ca'),
    control: folder('control', 'kubernetes', 'control', 'kubernetes/ca'),
    node: folder('node', 'node', 'node', 'kubernetes/ca'),
    services: folder('services', 'services', 'control', 'services/ca'),
  };
}
//#endregion

//#region others
const person = (name: string, organization: string) =>
  certificate('people', `people/${name}`, {
    issuer: 'kubernetes/ca',
    commonName: name,
    organization,
    usages: ['client'],
  });

/** The workstation hands new machines their configuration over TLS. */
const workstation = (plan: Plan) =>
  certificate('services', 'workstation/server', {
    issuer: 'services/ca',
    commonName: `workstation.${plan.domain}`,
    names: [`workstation.${plan.domain}`, 'localhost'],
    addresses: [plan.network.workstation, '127.0.0.1'],
    usages: ['server'],
  });

/** It runs in a pod, on whichever machine: one certificate, that no machine holds. */
const metricsServer = () =>
  certificate('services', 'cluster/metrics-server', {
    issuer: 'services/ca',
    commonName: METRICS_SERVER,
    names: [METRICS_SERVER],
    usages: ['server'],
  });

const secrets = (): Secret[] => [
  { kind: 'secret', part: 'secrets', file: 'secrets/service-account', secret: 'service-account' },
  { kind: 'secret', part: 'secrets', file: 'secrets/encryption-config.yaml', secret: 'encryption' },
  { kind: 'secret', part: 'secrets', file: 'secrets/bootstrap-token', secret: 'bootstrap-token' },
];
//#endregion

//#region copies
/** For which role, in which folder of the machine, from where. */
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
    kind: 'copy',
    part: 'machines',
    machine: name,
    file: `machines/${name}/${to}`,
    from,
  }));
//#endregion

type Given = Partial<Certificate>;

const certificate = (part: Certificate['part'], file: string, given: Given): Certificate => ({
  kind: 'certificate',
  part,
  file,
  issuer: '',
  commonName: '',
  organization: '',
  names: [],
  addresses: [],
  usages: [],
  ...LEAF,
  ...given,
});
