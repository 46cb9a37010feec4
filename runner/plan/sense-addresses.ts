/** Ranges and addresses: what overlaps, what lies outside, what is used twice, what is too small. */
import { contains, formatRange, overlap, parseAddress, parseRange, type Range, sizeOf } from './addresses.ts';
import type { PlanPath } from './issue.ts';
import type { Draft, Finding, Rule } from './sense.ts';

interface NamedRange {
  path: PlanPath;
  words: string;
  range: Range;
}

function rangesOf(draft: Draft): NamedRange[] {
  const all: [PlanPath, string, unknown][] = [
    [['network', 'subnet'], 'the subnet', draft.network?.subnet],
    [['pods'], 'the pod range', draft.pods],
    [['services'], 'the Service range', draft.services],
  ];
  return all.flatMap(([path, words, text]) => {
    const range = parseRange(text);
    return range ? [{ path, words, range }] : [];
  });
}

interface NamedAddress {
  path: PlanPath;
  words: string;
  text: string;
  address: number;
  machine: boolean;
}

/** Addresses that somebody in the subnet holds; the API's last, since it may be a machine's. */
function holders(draft: Draft): NamedAddress[] {
  const named = (
    path: PlanPath,
    words: string,
    text: string | undefined,
    machine = false,
  ): NamedAddress[] => {
    const address = parseAddress(text);
    return text === undefined || address === undefined ? [] : [{ path, words, text, address, machine }];
  };
  return [
    ...named(['network', 'router'], 'the router', draft.network?.router),
    ...named(['network', 'workstation'], 'the workstation', draft.network?.workstation),
    ...(draft.machines ?? []).flatMap((machine, index) =>
      named(['machines', index, 'address'], machine?.name ?? `machine ${index + 1}`, machine?.address, true),
    ),
    ...named(['api', 'address'], 'the API', draft.api?.address),
  ];
}

const overlappingRanges: Rule = draft => {
  const ranges = rangesOf(draft);
  return ranges.flatMap((later, index) =>
    ranges
      .slice(0, index)
      .filter(earlier => overlap(earlier.range, later.range))
      .map(earlier => ({
        path: later.path,
        also: earlier.path,
        what: `${later.words} ${formatRange(later.range)} overlaps ${earlier.words} ${formatRange(earlier.range)}`,
        next: 'choose a private range that nothing on your network uses, e.g. in 10.0.0.0/8',
      })),
  );
};

const RESERVED: [string, string][] = [
  ['0.0.0.0/8', '"this network"'],
  ['127.0.0.0/8', 'loopback'],
  ['169.254.0.0/16', 'addresses that machines give themselves'],
  ['224.0.0.0/3', 'multicast and the future'],
];

const reservedRanges: Rule = draft =>
  rangesOf(draft).flatMap(({ path, words, range }) =>
    RESERVED.filter(([reserved]) => overlap(parseRange(reserved) as Range, range))
      .slice(0, 1)
      .map(([reserved, use]) => ({
        path,
        what: `${words} ${formatRange(range)} touches ${reserved}, which is for ${use}`,
        next: 'choose a private range: in 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16',
      })),
  );

const outsideSubnet: Rule = draft => {
  const subnet = parseRange(draft.network?.subnet);
  if (!subnet) return [];
  const others = rangesOf(draft).filter(({ path }) => path.length === 1);
  return holders(draft)
    .filter(({ address }) => !contains(subnet, address))
    .map(({ path, words, text, address }) => {
      const wrong = others.find(({ range }) => contains(range, address));
      const where = wrong ? `in ${wrong.words}` : 'outside the subnet';
      const next = `give it a free address of ${formatRange(subnet)}`;
      return { path, what: `${words} has ${text}, which is ${where}`, next };
    });
};

const notForHosts: Rule = draft => {
  const subnet = parseRange(draft.network?.subnet);
  if (!subnet || subnet.bits > 30) return [];
  return holders(draft).flatMap(({ path, words, text, address }) => {
    const use = address === subnet.first ? 'the address of the network itself' : 'its broadcast address';
    if (address !== subnet.first && address !== subnet.last) return [];
    return [
      {
        path,
        what: `${words} has ${text}, which is ${use}`,
        next: `choose one between the first and the last of ${formatRange(subnet)}`,
      },
    ];
  });
};

const addressTwice: Rule = draft => {
  const all = holders(draft);
  return all.flatMap((later, index) => {
    const earlier = all.slice(0, index).find(({ address }) => address === later.address);
    if (!earlier) return [];
    if (later.words === 'the API') return sharedApi(draft, later, earlier);
    if (!later.machine) return []; // a router that is the workstation: unusual, and works
    const what = `${later.words} has ${later.text}, and so has ${earlier.words}`;
    return [{ path: later.path, what, next: 'give each its own address, in the plan and in the router' }];
  });
};

/** The API may have the address of the only control machine, and of nothing else. */
function sharedApi(draft: Draft, api: NamedAddress, holder: NamedAddress): Finding[] {
  const next = 'choose a free address of the subnet that the router gives to nobody';
  if (!holder.machine)
    return [
      { path: api.path, what: `the API has ${api.text}, which is the address of ${holder.words}`, next },
    ];
  const control = (draft.machines ?? []).filter(machine => machine?.roles?.includes('control'));
  if (!control.some(machine => machine?.address === api.text)) {
    return [
      {
        path: api.path,
        what: `the API has the address of ${holder.words}, which does not hold the role control`,
        next,
      },
    ];
  }
  if (control.length < 2) return [];
  const what = `the API has the address of ${holder.words} alone, but ${control.length} machines hold the role control`;
  return [{ path: api.path, what, next: `${next}; the control machines share it` }];
}

const serversElsewhere: Rule = draft => {
  const asked = (['dns', 'time'] as const).flatMap(kind =>
    (draft.network?.[kind] ?? []).map((text, index) => ({ kind, text, path: ['network', kind, index] })),
  );
  const ranges = rangesOf(draft).filter(({ path }) => path.length === 1);
  return asked.flatMap(({ kind, text, path }) => {
    const address = parseAddress(text);
    if (address === undefined || text === draft.network?.router) return []; // the router's own is judged above
    const words = kind === 'dns' ? 'DNS server' : 'time server';
    const next = `name the ${words} of your router, or one outside the cluster`;
    const inside = ranges.find(({ range }) => contains(range, address));
    if (inside) return [{ path, what: `the ${words} ${text} is in ${inside.words}`, next }];
    const own = draft.machines?.find(machine => machine?.address === text);
    if (!own) return [];
    return [
      {
        path,
        what: `the ${words} ${text} is ${own.name ?? 'a machine'} of this plan, which needs one to come up`,
        next,
      },
    ];
  });
};

const sizes: Rule = draft => {
  const count = draft.machines?.length ?? 1;
  return rangesOf(draft).flatMap(({ path, range }) => {
    const problem = SIZE_RULES[path.join('.')]?.(range, count, draft);
    return problem ? [{ path, ...problem }] : [];
  });
};

type SizeRule = (range: Range, machines: number, draft: Draft) => Omit<Finding, 'path'> | undefined;

const SIZE_RULES: Record<string, SizeRule> = {
  'network.subnet': (range, machines, draft) => {
    const needed =
      machines +
      new Set(
        holders(draft)
          .filter(holder => !holder.machine)
          .map(({ address }) => address),
      ).size;
    const usable = range.bits > 30 ? sizeOf(range) : sizeOf(range) - 2;
    if (usable >= needed) return undefined;
    const what = `the subnet ${formatRange(range)} has room for ${usable} addresses; ${machines} machines, router, workstation and API need up to ${needed}`;
    return { what, next: 'use a larger subnet, such as a /24' };
  },
  pods: (range, machines) => {
    const room = range.bits > 24 ? 0 : 2 ** (24 - range.bits);
    if (room < machines) {
      const what = `the pod range ${formatRange(range)} has ${room} networks of size /24, and ${machines} machines need one each`;
      return { what, next: 'use a larger range, such as a /16' };
    }
    if (range.bits >= 8) return undefined;
    return {
      what: `the pod range ${formatRange(range)} is larger than Kubernetes can divide into /24s`,
      next: 'use a /16',
    };
  },
  services: range => {
    if (sizeOf(range) < 16) {
      const what = `the Service range ${formatRange(range)} is too small: its tenth address is the cluster's DNS`;
      return { what, next: 'use a /28 at the least; a /16 is usual' };
    }
    if (range.bits >= 12) return undefined;
    return {
      what: `the Service range ${formatRange(range)} is larger than Kubernetes allows`,
      next: 'use a /12 or smaller; a /16 is usual',
    };
  },
};

export const addressRules: Rule[] = [
  overlappingRanges,
  reservedRanges,
  outsideSubnet,
  notForHosts,
  addressTwice,
  serversElsewhere,
  sizes,
];
