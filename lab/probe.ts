/** What this host allows, with the reason where it does not, and what to do about it. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { KfsError } from '../runner/errors.ts';
import { findProgram, installLine, missingPackages } from '../runner/host-packages.ts';
import { namespacesDenied } from '../software/builder/namespaces.ts';
import { kvmClosed } from './kvm.ts';
import { chooseUplink } from './network/uplink.ts';
import { hostPackages } from './packages.ts';

export interface Finding {
  /** Short permanent name, for programs. */
  id: string;
  what: string;
  ok: boolean;
  /** False: the lab works without it, but less well. */
  needed: boolean;
  why: string;
  next?: string;
}

/** Takes well under a second; KVM is only looked at here, and tried when QEMU is wanted. */
export function probe(): Finding[] {
  return [architecture(), namespaces(), tun(), nat(), way(), sharedMemory(), kvm(), programs()];
}

/** Throws the first thing that makes a lab impossible here. */
export async function requireHost(): Promise<void> {
  const bad = probe().find(finding => finding.needed && !finding.ok);
  if (!bad) return;
  throw new KfsError(
    'host-unsupported',
    `this host cannot run a lab: ${bad.why}`,
    bad.next ? { next: bad.next } : {},
  );
}

function architecture(): Finding {
  const ok = process.platform === 'linux' && process.arch === 'x64';
  const why = ok
    ? 'Linux on x86-64'
    : `${process.platform} on ${process.arch}; the lab needs Linux on x86-64`;
  return { id: 'architecture', what: 'processor', ok, needed: true, why };
}

function namespaces(): Finding {
  const denied = namespacesDenied(['--user', '--map-root-user', '--net', '--pid', '--mount']);
  const base = { id: 'namespaces', what: 'user and network namespaces', needed: true };
  if (!denied) return { ...base, ok: true, why: 'a user may make them' };
  return { ...base, ok: false, ...denied };
}

function tun(): Finding {
  const base = { id: 'tun', what: '/dev/net/tun', needed: true };
  if (!existsSync('/dev/net/tun')) {
    return { ...base, ok: false, why: 'there is no /dev/net/tun', next: 'sudo modprobe tun' };
  }
  try {
    accessSync('/dev/net/tun', constants.R_OK | constants.W_OK);
    return { ...base, ok: true, why: 'open to this user' };
  } catch {
    const why = '/dev/net/tun is not open to this user, so machines get no network card';
    return { ...base, ok: false, why, next: 'sudo chmod 0666 /dev/net/tun (as most distributions have it)' };
  }
}

function nat(): Finding {
  const base = { id: 'nat', what: 'address translation in a namespace', needed: false };
  const nft = findProgram('nft');
  if (!nft) return { ...base, ok: false, why: 'nft is not installed' };
  const rules =
    'add table ip t; add chain ip t c { type nat hook postrouting priority 100; }; add rule ip t c masquerade';
  const tried = spawnSync('unshare', ['--user', '--map-root-user', '--net', nft, rules], {
    encoding: 'utf8',
  });
  const ok = tried.status === 0;
  const why = ok
    ? 'nftables translates'
    : `machines stay without a way out: ${tried.stderr.trim().split('\n')[0]}`;
  return { ...base, ok, why };
}

function way(): Finding {
  const uplink = chooseUplink();
  const ok = uplink.kind !== 'none';
  const next = ok ? {} : { next: 'sudo apt-get install -y slirp4netns' };
  return {
    id: 'uplink',
    what: 'way out',
    ok,
    needed: false,
    why: uplink.why ?? `by ${uplink.kind}`,
    ...next,
  };
}

/** The memory of User-mode Linux is a file there, if there is room for it. */
function sharedMemory(): Finding {
  const base = { id: 'memory', what: '/dev/shm', needed: false };
  if (!existsSync('/dev/shm'))
    return { ...base, ok: false, why: 'there is none; the memory of machines is on disk' };
  const { bavail, bsize } = statfsSync('/dev/shm');
  const gib = (bavail * bsize) / 2 ** 30;
  const why = `${gib.toFixed(1)} GiB free for the memory of machines`;
  return {
    ...base,
    ok: gib >= 2,
    why,
    ...(gib >= 2 ? {} : { next: 'sudo mount -o remount,size=8G /dev/shm' }),
  };
}

function kvm(): Finding {
  const closed = kvmClosed();
  const why = closed ?? 'it can be opened; whether it works is tried when QEMU is first wanted';
  return { id: 'kvm', what: 'KVM', ok: !closed, needed: false, why };
}

function programs(): Finding {
  const missing = missingPackages(hostPackages());
  const base = { id: 'packages', what: 'programs', needed: false };
  if (missing.length === 0) return { ...base, ok: true, why: 'all there' };
  const names = missing.map(item => item.package).join(', ');
  return {
    ...base,
    ok: false,
    why: `missing: ${names}; installed at \`up\` where that is allowed`,
    next: installLine(missing),
  };
}
