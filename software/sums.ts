/** Digests of files: read, written and compared, in the form of sha256sum(1). */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** File name → sha256 hex. */
export type Sums = Record<string, string>;

export async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

export async function sumsOf(folder: string, names: string[]): Promise<Sums> {
  const sums: Sums = {};
  for (const name of [...names].sort()) sums[name] = await sha256(join(folder, name));
  return sums;
}

/** `<hex>  <name>` a line, sorted by name, as `sha256sum --check` reads it. */
export const formatSums = (sums: Sums): string =>
  Object.entries(sums)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, hex]) => `${hex}  ${name}\n`)
    .join('');

export function parseSums(text: string): Sums {
  const sums: Sums = {};
  for (const [, hex, name] of text.matchAll(/^([0-9a-f]{64}) [ *](.+)$/gm)) sums[name!] = hex!;
  return sums;
}

/** The sums that a folder says it has; empty if it says nothing. */
export const readSums = async (file: string): Promise<Sums> =>
  parseSums(await readFile(file, 'utf8').catch(() => ''));

/**
 * Files of a folder that are missing or not what its own `SHA256SUMS` says. The list is one of them where it is missing
 * or empty.
 */
export async function changedFiles(folder: string): Promise<string[]> {
  const said = Object.entries(await readSums(join(folder, 'SHA256SUMS')));
  if (said.length === 0) return ['SHA256SUMS'];
  const wrong: string[] = [];
  for (const [name, hex] of said) {
    const real = await sha256(join(folder, name)).catch(absent);
    if (real !== hex) wrong.push(name);
  }
  return wrong;
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
