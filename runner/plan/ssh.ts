/**
 * The ssh_config by which runner and reader reach the machines: `ssh -F <state>/ssh/config n1`.
 *
 * ssh takes the first value that it finds for an option, so the order is the meaning:
 * what trust hangs on, which nothing may change; then the plan's own `ssh.config` (the lab's way in), which
 * may change how a machine is reached; then our settings; then the reader's `~/.ssh/config`.
 */
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { KfsError } from '../errors.ts';
import type { StatePaths } from '../state.ts';
import type { Plan, PlannedMachine } from './plan.ts';

export interface SshOptions {
  /** Read last; default `~/.ssh/config`. */
  userConfig?: string;
  /** The user's runtime directory; default `/run/user/<uid>`. */
  runtimeDir?: string;
}

export function renderSshConfig(plan: Plan | null, paths: StatePaths, options: SshOptions = {}): string {
  const ours = plan && plan.machines.length > 0 ? machineBlocks(plan, paths, options) : [];
  return [
    '# Rendered from the plan by kfs: change the plan, not this file.',
    '# ssh takes the first value it finds for an option, so what stands first cannot be overruled.',
    ...ours,
    '',
    '# Your own settings, where nothing above has spoken.',
    'Match all',
    `  Include ${includable(options.userConfig ?? '~/.ssh/config')}`,
    '',
  ].join('\n');
}

function machineBlocks(plan: Plan, paths: StatePaths, options: SshOptions): string[] {
  const all = plan.machines.flatMap(machine => namesOf(machine, plan));
  const each = (option: string, value: (machine: PlannedMachine) => string) =>
    plan.machines.flatMap(machine => [
      `Host ${namesOf(machine, plan).join(' ')}`,
      `  ${option} ${value(machine)}`,
    ]);
  const way = plan.ssh.config;
  return [
    '',
    '# Whom we trust: the key pinned for the name in the plan, by whatever name the machine is called.',
    ...each('HostKeyAlias', machine => machine.name),
    `Host ${all.join(' ')}`,
    ...trust(plan, paths),
    ...(way
      ? [
          '',
          '# `ssh.config` of the plan: how the machines are reached.',
          'Match all',
          `  Include ${includable(way)}`,
        ]
      : []),
    '',
    '# Where they are, and how a connection is kept.',
    ...each('HostName', machine => machine.address),
    `Host ${all.join(' ')}`,
    ...connection(all, paths, options),
  ];
}

const namesOf = (machine: PlannedMachine, plan: Plan): string[] => [
  machine.name,
  `${machine.name}.${plan.domain}`,
  machine.address,
];

const trust = (plan: Plan, paths: StatePaths): string[] => [
  `  UserKnownHostsFile ${quoted(paths.knownHosts)}`,
  '  GlobalKnownHostsFile /dev/null',
  '  KnownHostsCommand none',
  '  StrictHostKeyChecking yes',
  '  VerifyHostKeyDNS no',
  '  UpdateHostKeys no',
  '  CheckHostIP no',
  '  NoHostAuthenticationForLocalhost no',
  `  User ${plan.ssh.user}`,
  `  IdentityFile ${quoted(plan.ssh.key ?? paths.sshKey)}`,
  '  IdentitiesOnly yes',
  '  PreferredAuthentications publickey',
  '  ForwardAgent no',
  '  ForwardX11 no',
  '  PermitLocalCommand no',
  '  RemoteCommand none',
  '  RequestTTY auto',
];

/** A connection that is gone is known to be gone after 15 seconds; one that is there is shared. */
function connection(names: string[], paths: StatePaths, options: SshOptions): string[] {
  const control = controlPath(paths, options);
  return [
    '  ConnectTimeout 10',
    '  ServerAliveInterval 5',
    '  ServerAliveCountMax 3',
    ...(control.guard ? [`Match originalhost ${names.join(',')} exec ${quoted(control.guard)}`] : []),
    '  ControlMaster auto',
    `  ControlPath ${quoted(control.path, '')}`,
    '  ControlPersist 10m',
  ];
}

interface ControlPath {
  path: string;
  /** Shell command that must succeed, else connections are not shared. */
  guard?: string;
}

/** A socket's path has room for 104 bytes on some systems, of which ssh takes 17 while it makes the socket, and `%C` 40. */
const ROOM = 104 - 1 - 17 - 40;

/**
 * The state directory when its path is short; else the user's runtime directory; else a directory in /tmp,
 * which ssh makes when needed and uses only when it is ours: others can write in /tmp.
 */
function controlPath(paths: StatePaths, options: SshOptions): ControlPath {
  const beside = escaped(join(paths.sshConfig, '..', 'to-'));
  if (Buffer.byteLength(beside) <= ROOM) return { path: `${beside}%C` };
  const mark = createHash('sha256').update(paths.root).digest('hex').slice(0, 8);
  const uid = process.getuid?.() ?? 0;
  const runtime = options.runtimeDir ?? `/run/user/${uid}`;
  const inRuntime = escaped(join(runtime, `kfs-${mark}-`));
  if (Buffer.byteLength(inRuntime) <= ROOM && isOurs(runtime, uid)) return { path: `${inRuntime}%C` };
  const dir = `/tmp/kfs-${uid}-${mark}`;
  return { path: `${dir}/%C`, guard: `test -O ${dir} && test ! -L ${dir} || mkdir -m 0700 ${dir}` };
}

function isOurs(dir: string, uid: number): boolean {
  const stats = statSync(dir, { throwIfNoEntry: false });
  return stats?.isDirectory() === true && stats.uid === uid && (stats.mode & 0o077) === 0;
}

const escaped = (path: string): string => path.replaceAll('%', '%%');

/** `%` begins a token in most options; a newline, a quote or `${` cannot be written at all. `tokens` is what must be doubled to stand for itself. */
function quoted(text: string, tokens = '%'): string {
  if (/["\n\r\\]|\$\{/.test(text)) {
    throw new KfsError('usage', `ssh cannot be told of the path ${text}`, {
      next: 'use a state directory, and key files, without quotes, backslashes or `${` in their paths',
    });
  }
  return `"${tokens ? text.replaceAll(tokens, '%%') : text}"`;
}

/** Include knows no tokens, but takes `*`, `?` and `[` for patterns. */
const includable = (path: string): string => quoted(path, '').replace(/[*?[\]]/g, '\\$&');
