/**
 * The command lines of this folder, as pure functions. Nothing secret is ever in one of them: what a step
 * needs goes over stdin. Options given here win over the ssh_config file.
 */
import type { SshTarget } from './machine.ts';
import type { Supervisor } from './supervisor.ts';

/** Where the supervisor keeps things on a machine; `$HOME` is expanded by the login shell there, whichever it is. */
const REMOTE_ROOT = '"$HOME"/.local/state/kfs';

const option = (name: string, value: string | number): string[] => ['-o', `${name}=${value}`];

/**
 * What holds for each ssh of the runner: it asks nothing, accepts no key on sight, forwards nothing by accident.
 * `INFO` also tells why a server ends the connection ("System is booting up"), and shows its banner.
 */
const common = (target: SshTarget, logLevel: 'ERROR' | 'INFO' = 'ERROR'): string[] => [
  ...['-F', target.configFile],
  ...option('BatchMode', 'yes'),
  ...option('StrictHostKeyChecking', 'yes'),
  ...option('UpdateHostKeys', 'no'),
  ...option('LogLevel', logLevel),
  ...option('ClearAllForwardings', 'yes'),
  ...option('PermitLocalCommand', 'no'),
  ...option('RemoteCommand', 'none'),
  ...option('ControlPersist', 'no'),
  // A dead link is noticed after 15 s.
  ...option('ConnectTimeout', 10),
  ...option('ServerAliveInterval', 5),
  ...option('ServerAliveCountMax', 3),
];

/** The connection that all channels share; it lives as long as its command. */
export const masterArgv = (target: SshTarget, socket: string, command: string): string[] => [
  ...common(target, 'INFO'),
  ...option('ForwardAgent', 'no'),
  ...option('ForwardX11', 'no'),
  ...['-M', '-S', socket, '-T', '--', target.name, command],
];

/** One request over the shared connection. */
export const channelArgv = (target: SshTarget, socket: string, command: string): string[] => [
  ...common(target),
  ...option('ControlMaster', 'no'),
  ...option('ForwardAgent', 'no'),
  ...option('ForwardX11', 'no'),
  ...['-S', socket, '-T', '--', target.name, command],
];

/** A login shell for the reader; every byte is his, so no escape character. */
export const shellArgv = (target: SshTarget, socket: string): string[] => [
  ...common(target),
  ...option('ControlMaster', 'no'),
  ...['-S', socket, '-tt', '-e', 'none', '--', target.name],
];

/** Directory of the supervisor's files; by digest, so that several versions of the runner get along. */
export const supervisorDirectory = (digest: string): string => `supervisor-${digest.slice(0, 16)}`;

/** The remote command that answers one request. */
export const serveCommand = (digest: string): string =>
  `exec bash ${REMOTE_ROOT}/${supervisorDirectory(digest)}/serve.sh ${REMOTE_ROOT} "$HOME" system`;

/**
 * The command of the shared connection: takes the supervisor's files from stdin if they are not there yet,
 * then holds the connection until stdin ends. Free of single quotes, so that any login shell passes it on.
 */
export function bootstrapCommand({ files, digest }: Supervisor): string {
  const receive = files.map(({ name, text }) => `head -c ${text.length} >"$new/${name}"`);
  const script = [
    'umask 077; root=$HOME/.local/state/kfs; mkdir -p "$root" || exit 1',
    `dir=$root/${supervisorDirectory(digest)}; new=$dir.$$`,
    'if [ ! -d "$dir" ]; then mkdir "$new"; printf "\\001kfs need\\n" >&2',
    ...receive,
    `[ "$(cat "$new"/* | wc -c)" -eq ${files.reduce((sum, { text }) => sum + text.length, 0)} ] || exit 1`,
    'sync "$new"/* "$new"; mv -T "$new" "$dir" || [ -d "$dir" ] || exit 1; fi',
    'printf "\\001kfs ready\\n" >&2; exec cat >/dev/null',
  ];
  return `exec bash -c '${script.join('; ')}'`;
}

/** The same on the workstation, without a connection. */
export const localServeArgv = (dir: string, spool: string, workdir: string): string[] => [
  `${dir}/serve.sh`,
  spool,
  workdir,
  'user',
];
