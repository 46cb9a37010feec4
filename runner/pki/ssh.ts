/** SSH keys: the reader's own, and one for each machine, by which the first contact is trusted already. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { KfsError } from '../errors.ts';
import type { Plan, PlannedMachine } from '../plan/plan.ts';
import type { StatePaths } from '../state.ts';
import { create, has, readIf, replace } from './files.ts';

/** Makes what is missing. */
export function makeSshKeys(
  plan: Plan,
  paths: StatePaths,
  machine?: string,
): { file: string; why: string }[] {
  const machines = plan.machines.filter(({ name }) => machine === undefined || name === machine);
  const made = machines.flatMap(one => makeKey(hostKey(paths, one), `host key of ${one.name}`));
  if (!plan.ssh.key) made.push(...makeKey(paths.sshKey, `${plan.name}: the reader`));
  const changes = made.map(file => ({
    file: file.startsWith(paths.pki) ? relative(paths.pki, file) : file,
    why: 'made',
  }));
  const old = readIf(paths.knownHosts);
  const pinned = knownHosts(plan, paths, old ?? '');
  if (pinned === old) return changes;
  replace(paths.knownHosts, pinned);
  return [
    ...changes,
    { file: paths.knownHosts, why: old === undefined ? 'made' : 'the pinned keys changed' },
  ];
}

const hostKey = (paths: StatePaths, { name }: PlannedMachine): string =>
  join(paths.pki, 'machines', name, 'ssh', 'ssh_host_ed25519_key');

/** A pair of files, `path` and `path.pub`. The second can always be had from the first. */
function makeKey(path: string, comment: string): string[] {
  const made: string[] = [];
  if (!has(path)) {
    create(path, generate(path, comment));
    made.push(path);
  }
  if (!has(`${path}.pub`)) {
    create(`${path}.pub`, keygen('-y', '-f', path));
    made.push(`${path}.pub`);
  }
  return made;
}

/** `ssh-keygen` writes only to a file: to one that counts as half-written until it is read. */
function generate(path: string, comment: string): string {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = join(dirname(path), `.${basename(path)}.${process.pid}.part`);
  try {
    keygen('-q', '-t', 'ed25519', '-N', '', '-C', comment, '-f', draft);
    return readFileSync(draft, 'utf8');
  } finally {
    for (const file of [draft, `${draft}.pub`]) rmSync(file, { force: true });
  }
}

function keygen(...args: string[]): string {
  try {
    return execFileSync('ssh-keygen', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const { code, stderr } = error as NodeJS.ErrnoException & { stderr?: string };
    if (code === 'ENOENT') {
      const next = 'install OpenSSH: on Debian `sudo apt-get install openssh-client`';
      throw new KfsError('host-unsupported', 'there is no program ssh-keygen', { next });
    }
    const next = 'delete the file and its .pub, then run `kfs pki init ssh` again';
    throw new KfsError('pki-refused', `ssh-keygen: ${stderr?.trim() ?? error}`, { next, cause: error });
  }
}

/**
 * One line for each machine of the plan that has its key, with every name by which it may be called. Lines
 * about other hosts stay as they are.
 */
function knownHosts(plan: Plan, paths: StatePaths, old: string): string {
  const called = new Map(
    plan.machines.map(machine => [
      machine,
      [machine.name, `${machine.name}.${plan.domain}`, machine.address],
    ]),
  );
  const ours = new Set([...called.values()].flat());
  const others = old.split('\n').filter(
    line =>
      line &&
      !line
        .split(' ')[0]!
        .split(',')
        .some(name => ours.has(name)),
  );
  const pinned = [...called].flatMap(([machine, names]) => {
    const key = readIf(`${hostKey(paths, machine)}.pub`)
      ?.split(' ')
      .slice(0, 2)
      .join(' ')
      .trim();
    return key ? [`${names.join(',')} ${key}`] : [];
  });
  return [...others, ...pinned].map(line => `${line}\n`).join('');
}
