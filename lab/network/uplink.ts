/**
 * The way out of the namespace without touching the host: slirp4netns, else pasta, else none. It runs beside the
 * namespace, as the user, and ends with it.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from '../../runner/host-packages.ts';
import type { LabPaths } from '../paths.ts';

export interface Uplink {
  kind: 'slirp4netns' | 'pasta' | 'none';
  /** Address of the name server that it offers inside. */
  dns?: string;
  /** Shown when there is none. */
  why?: string;
}

/** slirp's own name server; pasta is told to answer at the same address. */
const DNS = '10.0.2.3';

export function chooseUplink(has: (program: string) => string | undefined = findProgram): Uplink {
  if (!has('nft'))
    return { kind: 'none', why: 'nft is not installed: the machines do not reach the outside' };
  if (has('slirp4netns')) return { kind: 'slirp4netns', dns: DNS };
  if (has('pasta')) return { kind: 'pasta', dns: DNS };
  return {
    kind: 'none',
    why: 'neither slirp4netns nor pasta is installed: the machines do not reach the outside',
  };
}

/**
 * The command that joins the namespaces of process `pid`, to be run outside of them; empty for none.
 * The host's loopback stays out of the machines' reach.
 */
export function uplinkArgv(uplink: Uplink, pid: string): string[] {
  if (uplink.kind === 'slirp4netns') {
    const where = [`--userns-path=/proc/${pid}/ns/user`, '--netns-type=path', `/proc/${pid}/ns/net`];
    return [
      findProgram('slirp4netns')!,
      '--configure',
      '--mtu=1500',
      '--disable-host-loopback',
      ...where,
      'uplink0',
    ];
  }
  if (uplink.kind === 'pasta') {
    const where = ['--userns', `/proc/${pid}/ns/user`, '--netns', `/proc/${pid}/ns/net`];
    const none = ['-t', 'none', '-u', 'none', '-T', 'none', '-U', 'none', '--no-map-gw'];
    const user = process.getuid?.() === 0 ? ['--runas', '0'] : [];
    return [
      findProgram('pasta')!,
      '-f',
      '--config-net',
      ...user,
      '-I',
      'uplink0',
      '--dns-forward',
      DNS,
      ...none,
      ...where,
    ];
  }
  return [];
}

/** What the program of the way out has said. */
export const uplinkLog = (paths: LabPaths): string => join(paths.logs, 'uplink.log');

/** What there is of it now: who starts `uplink` leaves its status in a file when it ends. */
export function wayOut(uplink: Uplink, paths: LabPaths): { uplink: Uplink['kind']; noWayOut?: string } {
  if (uplink.kind === 'none') return { uplink: 'none', ...(uplink.why ? { noWayOut: uplink.why } : {}) };
  if (!existsSync(paths.uplinkEnded)) return { uplink: uplink.kind };
  return { uplink: 'none', noWayOut: `${uplink.kind} has ended; see ${uplinkLog(paths)}` };
}
