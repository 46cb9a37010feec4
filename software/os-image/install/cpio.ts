/** A cpio archive in the one form that the kernel unpacks, `newc`: regular files and their folders, owned by root. */

const TRAILER = 'TRAILER!!!';

/** Path (without a slash in front) to contents. An archive may stand after another: the kernel unpacks both. */
export function cpio(files: Record<string, Buffer>): Buffer {
  const folders = new Set(Object.keys(files).flatMap(parents));
  const entries = [
    ...[...folders].sort().map(path => entry(path, 0o040755, Buffer.alloc(0))),
    ...Object.entries(files).map(([path, bytes]) => entry(path, 0o100644, bytes)),
    entry(TRAILER, 0, Buffer.alloc(0)),
  ];
  return Buffer.concat(entries);
}

/** `etc/kfs/ca.crt` lies in `etc` and in `etc/kfs`. */
const parents = (path: string): string[] =>
  path
    .split('/')
    .slice(0, -1)
    .map((_, index, parts) => parts.slice(0, index + 1).join('/'));

/** Thirteen numbers of eight hexadecimal digits, the name, the contents; name and contents end at a multiple of four. */
function entry(path: string, mode: number, bytes: Buffer): Buffer {
  const name = Buffer.from(`${path}\0`);
  const links = mode >> 12 === 4 ? 2 : 1;
  const [inode, owner, group, date, device, check] = [0, 0, 0, 0, 0, 0];
  const numbers = [
    ...[inode, mode, owner, group, links, date, bytes.length],
    ...[device, device, device, device, name.length, check],
  ];
  const head = `070701${numbers.map(number => number.toString(16).padStart(8, '0')).join('')}`;
  return Buffer.concat([padded(Buffer.concat([Buffer.from(head), name])), padded(bytes)]);
}

/** Filled up with zeros to a multiple of four. */
export const padded = (bytes: Buffer): Buffer =>
  Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
