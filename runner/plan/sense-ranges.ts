/** Ranges: what overlaps, what is set aside for something else, what is too small or too large. */
import { formatRange, overlap, parseRange, type Range, sizeOf } from './addresses.ts';
import { holders, rangesOf } from './holders.ts';
import type { Draft, Finding, Rule } from './sense.ts';

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

export const rangeRules: Rule[] = [overlappingRanges, reservedRanges, sizes];
