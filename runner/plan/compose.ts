/** Writes a new plan as a text that a person learns from: every field with what it is for. */
import type { WrittenPlan } from './schema.ts';
import { VERSIONS } from './versions.ts';
import { flowText } from './yaml-text.ts';

/** The file beside a plan that editors read for completion and messages. */
export const SCHEMA_FILE = 'cluster.schema.json';

type WrittenMachine = WrittenPlan['machines'][number];

/** `parsePlan` of the result gives the same plan back, completed. */
export function composePlan(plan: WrittenPlan): string {
  return [head(plan), network(plan), ranges(plan), access(plan), versions(plan), machines(plan)].join('\n');
}

const head = (plan: WrittenPlan): string => `\
# yaml-language-server: $schema=${SCHEMA_FILE}
#
# The plan: everything that the book needs to know about your cluster, and the only file in which you say it.
# Steps see it as variables; \`kfs plan env n1\` prints them. Change what you like, then \`kfs plan check\`.

# The cluster's name. It is written into certificates and into etcd: choose once.
name: ${flowText(plan.name)}

# The DNS domain of the machines and of the API: n1.${plan.domain ?? 'kfs.home.arpa'} and so on. \`home.arpa\` is set aside
# for home networks. It is not the domain of the Services inside the cluster, which is cluster.local.
domain: ${flowText(plan.domain ?? 'kfs.home.arpa')}
`;

const network = ({ network: net }: WrittenPlan): string => `\
# The network that is there already: a router that gives each machine the same address each time (a static
# lease), and connects them. The cluster asks nothing else of it.
network:
  subnet: ${flowText(net.subnet)}
  router: ${flowText(net.router)}
  # Your workstation, seen from the machines. They fetch all software from it.
  workstation: ${flowText(net.workstation)}
  # Whom the machines ask for names and for the time: the router, if it does that; most do.
  dns: ${flowText(net.dns ?? [net.router])}
  time: ${flowText(net.time ?? [net.router])}
`;

const ranges = (plan: WrittenPlan): string => `\
# Addresses that exist only inside the cluster. Nothing on your network may use them.
# Each machine takes a /24 of the first for its pods; Services get theirs from the second.
pods: ${flowText(plan.pods ?? '10.244.0.0/16')}
services: ${flowText(plan.services ?? '10.96.0.0/16')}

# Where every client finds the Kubernetes API, today and when three machines serve it. The address is one that
# the router gives to nobody (outside its DHCP range); it moves to whichever machine is up.
api:
  name: ${flowText(plan.api.name ?? `api.${plan.domain ?? 'kfs.home.arpa'}`)}
  address: ${flowText(plan.api.address)}
`;

const access = (plan: WrittenPlan): string => `\
# The workstation serves the mirror, the folder of pinned software, at this port.
mirror:
  port: ${plan.mirror?.port ?? 8080}

# How the workstation logs in. The installation makes this user. The book makes a key for you; to use one of
# yours, name its file.
ssh:
  user: ${flowText(plan.ssh?.user ?? 'core')}
  ${plan.ssh?.key ? '' : '# '}key: ${plan.ssh?.key ? flowText(plan.ssh.key) : '~/.ssh/id_ed25519'}
${plan.ssh?.config ? `  config: ${flowText(plan.ssh.config)}\n` : ''}`;

const versions = (plan: WrittenPlan): string => `\
# What the cluster is made of. These are the versions that the book was tested with.
versions:
${Object.entries({ ...VERSIONS, ...plan.versions })
  .map(([component, version]) => `  ${component}: ${flowText(version)}\n`)
  .join('')}`;

const machines = (plan: WrittenPlan): string => `\
# The machines. The first is brought up alone, so it holds every role:
#   etcd     keeps the cluster's memory. An odd number of machines: 1, 3 or 5
#   control  runs the API server, the controller manager and the scheduler
#   storage  gives its data disks to Ceph
#   node     runs your pods
machines:
${plan.machines.map(machineText).join('')}`;

/** The first machine explains its fields. */
function machineText(machine: WrittenMachine, index: number): string {
  const fields: [string, string, string][] = [
    ['- name', flowText(machine.name), ''],
    ['  mac', flowText(machine.mac), 'as on its label, or in `ip link`'],
    ['  address', flowText(machine.address), 'the static lease'],
    ['  roles', flowText(machine.roles), ''],
    ['  disk', flowText(machine.disk), 'ERASED when the machine is installed'],
    ['  data', flowText(machine.data ?? []), 'for Ceph; the installer never touches them'],
    ['  power', flowText(machine.power ?? 'manual'), 'who presses the button: manual is you'],
  ];
  return fields
    .map(([key, value, comment]) =>
      comment && index === 0 ? `${`  ${key}: ${value}`.padEnd(34)}  # ${comment}\n` : `  ${key}: ${value}\n`,
    )
    .join('');
}
