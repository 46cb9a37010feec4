/** Debian packages that a part of the project needs on this host: installed when that needs no asking, else named. */
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { KfsError } from './errors.ts';

export interface HostPackage {
  package: string;
  /** What it is for, in a few words, shown to the user. */
  why: string;
  /** A program it brings, looked up in PATH and the sbin folders, or an absolute path. */
  probe: string;
  /** Things work without it, but less well. */
  optional?: boolean;
}

const FOLDERS = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** Where a program is, or undefined; sbin is looked into although it is not in every user's PATH. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(':'), ...FOLDERS].filter(Boolean);
  const places = name.startsWith('/') ? [name] : folders.map(folder => join(folder, name));
  return places.find(place => {
    try {
      accessSync(place, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

export const missingPackages = (wanted: HostPackage[]): HostPackage[] =>
  wanted.filter(({ probe }) => !findProgram(probe));

/** The line that a person types when we may not. */
export const installLine = (packages: HostPackage[]): string =>
  `sudo apt-get install -y --no-install-recommends ${packages.map(item => item.package).join(' ')}`;

/**
 * Installs what is missing as root or by `sudo -n`; says what and why through `say`.
 * Throws `host-unsupported` with the exact line when it may not, or when apt fails.
 */
export async function ensurePackages(
  wanted: HostPackage[],
  say: (text: string) => void = () => {},
): Promise<void> {
  const missing = missingPackages(wanted);
  if (missing.length === 0) return;
  const list = missing.map(item => `${item.package} (${item.why})`).join(', ');
  const prefix = await privilege();
  if (!prefix || !findProgram('apt-get')) {
    throw new KfsError('host-unsupported', `this host lacks ${list}`, { next: installLine(missing) });
  }
  say(`installing ${list}`);
  const apt = [
    ...prefix,
    'env',
    'DEBIAN_FRONTEND=noninteractive',
    'apt-get',
    '-o',
    'DPkg::Lock::Timeout=120',
  ];
  const install = [...apt, 'install', '-y', '--no-install-recommends', ...missing.map(item => item.package)];
  let result = await quiet(install);
  if (result.status !== 0 && (await quiet([...apt, 'update'])).status === 0) result = await quiet(install);
  const still = missingPackages(missing);
  if (result.status === 0 && still.length === 0) return;
  throw new KfsError('host-unsupported', `apt could not install ${list}\n${result.tail}`, {
    next: installLine(missing),
  });
}

/** How commands are run as root here without asking: `[]` for root, `sudo -n`, or undefined. */
async function privilege(): Promise<string[] | undefined> {
  if (process.getuid?.() === 0) return [];
  if (!findProgram('sudo')) return undefined;
  return (await quiet(['sudo', '-n', 'true'])).status === 0 ? ['sudo', '-n'] : undefined;
}

function quiet(argv: string[]): Promise<{ status: number; tail: string }> {
  return new Promise(resolve => {
    const child = spawn(argv[0]!, argv.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    const keep = (bytes: Buffer) => {
      text = (text + bytes.toString()).slice(-1500);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', error => resolve({ status: 127, tail: error.message }));
    child.on('close', code => resolve({ status: code ?? 1, tail: text.trim() }));
  });
}
