/** IPv4 addresses and ranges as numbers: just enough arithmetic to judge a plan. IPv6 is out of its scope. */
import { isIPv4 } from 'node:net';

export interface Range {
  /** First address, e.g. the network's own. */
  first: number;
  last: number;
  /** Length of the prefix, 0 to 32. */
  bits: number;
}

/** Undefined for anything but four decimal numbers. */
export function parseAddress(text: unknown): number | undefined {
  if (typeof text !== 'string' || !isIPv4(text)) return undefined;
  return text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

export const formatAddress = (address: number): string =>
  [24, 16, 8, 0].map(shift => Math.floor(address / 2 ** shift) % 256).join('.');

/** `10.0.0.0/24`; undefined when it is not of that form. Host bits are dropped: compare with `formatRange`. */
export function parseRange(text: unknown): Range | undefined {
  if (typeof text !== 'string') return undefined;
  const match = /^([\d.]+)\/(\d|[12]\d|3[0-2])$/.exec(text);
  const address = parseAddress(match?.[1]);
  if (address === undefined) return undefined;
  const bits = Number(match?.[2]);
  const size = 2 ** (32 - bits);
  const first = Math.floor(address / size) * size;
  return { first, last: first + size - 1, bits };
}

export const formatRange = (range: Range): string => `${formatAddress(range.first)}/${range.bits}`;

export const sizeOf = (range: Range): number => range.last - range.first + 1;

export const contains = (range: Range, address: number): boolean =>
  address >= range.first && address <= range.last;

export const overlap = (one: Range, other: Range): boolean =>
  one.first <= other.last && other.first <= one.last;

/** The nth address of a range, counted from its first: 1 is the first that can be used. */
export function nthAddress(range: string, n: number): string {
  const parsed = parseRange(range);
  if (!parsed) throw new Error(`not an IPv4 range: ${range}`);
  return formatAddress(parsed.first + n);
}
