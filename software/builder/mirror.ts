/** Where this host gets Debian from: its own apt says it, so no host name is written in this project. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { KfsError } from '../../runner/errors.ts';

const run = promisify(execFile);

export interface DebianMirror {
  /** Base of the archive, without a slash at the end. */
  archive: string;
  /** Base of the security archive, if the host has one. */
  security?: string;
  /** apt options that the host reaches it through, such as a proxy: `Name "value"`. */
  options: string[];
}

/** One line for each index that the host's apt would fetch. */
const FORMAT = '$(REPO_URI)|$(SUITE)|$(CREATED_BY)|$(ORIGIN)|$(LABEL)';

export async function debianMirror(env: NodeJS.ProcessEnv = process.env): Promise<DebianMirror> {
  const options = await proxyOptions();
  if (env.KFS_DEBIAN_MIRROR) return { archive: trim(env.KFS_DEBIAN_MIRROR), options };
  const targets = await run('apt-get', ['indextargets', '--format', FORMAT]).catch(() => ({ stdout: '' }));
  const found = parseTargets(targets.stdout);
  if (found) return { ...found, options };
  throw new KfsError('host-unsupported', 'apt on this host names no Debian archive', {
    next: 'set KFS_DEBIAN_MIRROR to the address of a Debian mirror and try again',
  });
}

/** Finds the archive among apt's targets; by its origin, or by its path where apt has not been updated yet. */
export function parseTargets(text: string): { archive: string; security?: string } | undefined {
  const rows = text
    .split('\n')
    .map(line => line.split('|'))
    .filter(row => row[2] === 'Packages');
  const isSecurity = (row: string[]) => row[4] === 'Debian-Security' || /debian-security\/?$/.test(row[0]!);
  const archive = rows.find(
    row => !isSecurity(row) && (row[3] === 'Debian' || (!row[3] && /\/debian\/?$/.test(row[0]!))),
  );
  const security = rows.find(row => isSecurity(row) && (row[3] === 'Debian' || !row[3]));
  if (!archive) return undefined;
  return { archive: trim(archive[0]!), ...(security ? { security: trim(security[0]!) } : {}) };
}

const trim = (uri: string): string => uri.replace(/\/+$/, '');

async function proxyOptions(): Promise<string[]> {
  const { stdout } = await run('apt-config', ['dump']).catch(() => ({ stdout: '' }));
  return stdout
    .split('\n')
    .filter(line => /^Acquire::https?::(Proxy|CaInfo)\b/i.test(line))
    .map(line => line.replace(/;$/, ''));
}
