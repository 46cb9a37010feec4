/**
 * A process of its own with the runner and its server, as `kfs start` has them, over a book of a few steps and no
 * pages. Arguments: state directory, ssh_config and name there of the machine that the plan calls n1. Prints its address; ends when stdin does.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sshMachine } from '../../../runner/machine/ssh.ts';
import { createRunner } from '../../../runner/run/engine.ts';
import { testBook, testPlan } from '../../../runner/run/testing/book.ts';
import { startServer } from '../../../runner/server/server.ts';
import { statePaths } from '../../../runner/state.ts';

const MEGABYTE = 1024 * 1024;
/** Bytes that the steps `flood` and `deluge` write. */
export const FLOOD = 100 * MEGABYTE;
export const DELUGE = 1024 * MEGABYTE;

/** Writes so many bytes, all alike and without a line's end, which a PTY would change. */
export const floodCommand = (bytes: number): string => `head -c ${bytes} /dev/zero | tr '\\0' x`;

const flood = (bytes: number, on: string) => ({ on, text: `${floodCommand(bytes)}\n`, timeoutMs: 600_000 });
export const RIG_BOOK = testBook({
  a: {
    'show:true': { on: 'etcd', text: 'true\n' },
    'show:flood': flood(FLOOD, 'etcd'),
    'show:local-flood': flood(FLOOD, 'workstation'),
    'show:deluge': flood(DELUGE, 'workstation'),
  },
});
export const RIG_PLAN = testPlan(['etcd']);

/** sha256 of so many `x`, in hex. */
export function floodDigest(bytes: number): string {
  const hash = createHash('sha256');
  const piece = Buffer.alloc(MEGABYTE, 'x');
  for (let at = 0; at < bytes; at += piece.length) hash.update(piece);
  return hash.digest('hex');
}

if (import.meta.main) {
  const [dir, configFile, name] = process.argv.slice(2) as [string, string, string];
  const site = join(dir, 'site');
  mkdirSync(join(site, '_astro'), { recursive: true });
  writeFileSync(join(site, 'index.html'), '<!doctype html><title>Book</title>');
  const paths = statePaths(join(dir, 'state'));
  const machines = (machine: string) => (machine === 'n1' ? sshMachine({ name, configFile }) : null);
  const runner = await createRunner({ manifest: RIG_BOOK, plan: RIG_PLAN, paths, machines });
  const server = await startServer({ runner, paths, site: { folder: site, scripts: [] }, port: 0 });
  process.stdout.write(`${server.url}\n`);
  process.stdin.resume().once('end', async () => {
    await server.close();
    await runner.close();
    process.exit();
  });
}
