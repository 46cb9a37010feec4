/** Machines and names: what is there twice, roles that nobody or too many hold, disks that would be lost. */
import { normalMac } from './fields.ts';
import type { PlanPath } from './issue.ts';
import { PLACES, ROLES } from './plan.ts';
import type { Draft, Finding, Rule } from './sense.ts';

type Machine = NonNullable<NonNullable<Draft['machines']>[number]>;

const each = (
  draft: Draft,
  look: (machine: Machine, path: PlanPath, index: number) => Finding[],
): Finding[] =>
  (draft.machines ?? []).flatMap((machine, index) =>
    machine ? look(machine, ['machines', index], index) : [],
  );

const nameOf = (machine: Machine, index: number): string => machine.name ?? `machine ${index + 1}`;

const sameTwice =
  (field: 'name' | 'mac', words: string, next: string): Rule =>
  draft => {
    const normal = (machine: Machine | undefined) => machine?.[field] && normalMac(machine[field]);
    return each(draft, (machine, path, index) => {
      const value = normal(machine);
      const earlier = (draft.machines ?? [])
        .slice(0, index)
        .findIndex(other => value && normal(other) === value);
      if (earlier < 0) return [];
      const other =
        field === 'name' ? `machine ${earlier + 1}` : nameOf(draft.machines?.[earlier] ?? {}, earlier);
      return [{ path: [...path, field], what: `${words} ${value} is that of ${other} already`, next }];
    });
  };

const RESERVED_NAMES: string[] = [...PLACES, 'localhost'];

const reservedNames: Rule = draft =>
  each(draft, (machine, path) =>
    RESERVED_NAMES.includes(machine.name ?? '')
      ? [
          {
            path: [...path, 'name'],
            what: `no machine can be called \`${machine.name}\`: the word means a place in this book`,
            next: 'choose another name, e.g. `n1`',
          },
        ]
      : [],
  );

const names: Rule = draft => {
  const { domain } = draft;
  if (!domain) return [];
  const findings: Finding[] = [];
  if (/(^|\.)local$/.test(domain)) {
    const what = `the domain ${domain} ends in .local, which belongs to multicast DNS and to the cluster's own Services`;
    findings.push({
      path: ['domain'],
      what,
      next: 'use one that you own, or one below `home.arpa`, which is for home networks',
    });
  }
  const api = draft.api?.name ?? `api.${domain}`;
  if (!api.endsWith(`.${domain}`)) {
    findings.push({
      path: ['api', 'name'],
      what: `the API's name ${api} is not below the domain ${domain}`,
      next: `write a name such as \`api.${domain}\``,
    });
  }
  const double =
    draft.machines?.findIndex(machine => machine?.name && `${machine.name}.${domain}` === api) ?? -1;
  if (double >= 0) {
    const what = `the API's name ${api} is the name of the machine ${draft.machines?.[double]?.name}`;
    findings.push({
      path: ['api', 'name'],
      what,
      next: 'name the API by itself: clients must not know which machine answers',
    });
  }
  return findings;
};

const heldRoles: Rule = draft => {
  const machines = draft.machines ?? [];
  if (machines.length === 0 || machines.some(machine => !machine?.roles || machine.roles.includes(undefined)))
    return [];
  const holders = (role: string) => machines.filter(machine => machine?.roles?.some(held => held === role));
  const first = machines[0];
  return ROLES.flatMap(role => {
    if (holders(role).length === 0 && role !== 'storage') {
      return [
        {
          path: ['machines', 0, 'roles'],
          what: `no machine holds the role ${role}`,
          next: `add ${role} to the roles of ${nameOf(first ?? {}, 0)}; one machine may hold them all`,
        },
      ];
    }
    if (holders(role).length === 0 || first?.roles?.includes(role)) return [];
    const what = `the first machine, ${nameOf(first ?? {}, 0)}, does not hold the role ${role}, but it is the one that is brought up alone`;
    return [
      {
        path: ['machines', 0, 'roles'],
        what,
        next: `add ${role} to its roles, or put a machine that holds every role first`,
      },
    ];
  });
};

const evenEtcd: Rule = draft => {
  const holders = (draft.machines ?? []).flatMap((machine, index) =>
    machine?.roles?.includes('etcd') ? [index] : [],
  );
  const last = holders.at(-1);
  if (last === undefined || holders.length % 2 === 1) return [];
  const what = `${holders.length} machines hold the role etcd: an even number survives no more losses than one less, and can tie`;
  return [
    {
      path: ['machines', last, 'roles'],
      what,
      next: `make it ${holders.length - 1} or ${holders.length + 1}`,
    },
  ];
};

const rolesTwice: Rule = draft =>
  each(draft, (machine, path) =>
    (machine.roles ?? []).flatMap((role, index, roles) =>
      roles.indexOf(role) < index
        ? [
            {
              path: [...path, 'roles', index],
              what: `the role ${role} is listed twice`,
              next: 'take one away',
            },
          ]
        : [],
    ),
  );

const storageDisks: Rule = draft =>
  each(draft, (machine, path, index) =>
    machine.roles?.includes('storage') && (machine.data ?? []).length === 0
      ? [
          {
            path: [...path, 'data'],
            what: `${nameOf(machine, index)} holds the role storage and has no data disk`,
            next: 'list one under `data`, or take the role away',
          },
        ]
      : [],
  );

/** `/dev/sda` for `/dev/sda1`, `/dev/nvme0n1` for `/dev/nvme0n1p2`; undefined for a whole disk. */
function diskOfPartition(path: string): string | undefined {
  const match =
    /^(\/dev\/(?:sd|vd|xvd|hd|ubd)[a-z]+)\d+$/.exec(path) ??
    /^(\/dev\/(?:nvme\d+n\d+|mmcblk\d+|nbd\d+))p\d+$/.exec(path) ??
    /^(\/dev\/disk\/.+)-part\d+$/.exec(path);
  return match?.[1];
}

const disks: Rule = draft =>
  each(draft, (machine, path, index) => {
    const own = nameOf(machine, index);
    const system = machine.disk;
    const data = machine.data ?? [];
    const findings: Finding[] = partition([...path, 'disk'], system);
    for (const [at, disk] of data.entries()) {
      const where = [...path, 'data', at];
      if (!disk) continue;
      if (disk === system || (system && diskOfPartition(disk) === system)) {
        findings.push({
          path: where,
          what: `the data disk ${disk} is the system disk of ${own}, which the installer erases`,
          next: 'name another disk; `lsblk` on the machine lists them',
        });
      } else if (data.indexOf(disk) < at) {
        findings.push({
          path: where,
          what: `the data disk ${disk} of ${own} is listed twice`,
          next: 'take one away',
        });
      } else findings.push(...partition(where, disk));
    }
    return findings;
  });

function partition(path: PlanPath, disk: string | undefined): Finding[] {
  const whole = disk && diskOfPartition(disk);
  return whole
    ? [{ path, what: `${disk} is a partition, not a disk`, next: `name the whole disk: \`${whole}\`` }]
    : [];
}

export const machineRules: Rule[] = [
  sameTwice('name', 'the name', 'give each machine its own name'),
  sameTwice('mac', 'the MAC address', 'copy the right one from `ip link` on the machine, or from its label'),
  reservedNames,
  names,
  heldRoles,
  evenEtcd,
  rolesTwice,
  storageDisks,
  disks,
];
