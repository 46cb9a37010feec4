/**
 * Where the running server is, for the second `kfs start`. Only a note: that one runner works in a state
 * directory is held by the journal's lock, which ends with its process.
 */
import { readFileSync, rmSync } from 'node:fs';
import { writeWhole } from '../plan/write.ts';
import { HELLO_PATH } from '../protocol/messages.ts';

export interface ServerAddress {
  pid: number;
  /** With the token: readable by its owner only, mode 0600. */
  url: string;
  book: string;
}

export function writeAddress(file: string, address: ServerAddress): void {
  writeWhole(file, `${JSON.stringify(address)}\n`, 0o600);
}

export function readAddress(file: string): ServerAddress | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ServerAddress;
  } catch {
    return undefined;
  }
}

export function removeAddress(file: string): void {
  if (readAddress(file)?.pid === process.pid) rmSync(file, { force: true });
}

/** Whether a runner with this very token answers there. */
export async function answers({ url }: ServerAddress): Promise<boolean> {
  try {
    const { origin, hash } = new URL(url);
    const authorization = `Bearer ${hash.slice('#token='.length)}`;
    const response = await fetch(origin + HELLO_PATH, {
      headers: { authorization },
      signal: AbortSignal.timeout(2000),
    });
    return response.ok;
  } catch {
    return false;
  }
}
