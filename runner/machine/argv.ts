/**
 * The command lines of this folder, as pure functions. Nothing secret is ever in one of them: what a step
 * needs goes over stdin. Options given here win over the ssh_config file.
 */
import type { SshTarget } from './machine.ts';

/** Where the supervisor keeps things on a machine; `$HOME` is expanded by the login shell there, whichever it is. */
const REMOTE_ROOT = '"$HOME"/.local/state/kfs';

const option = (name: string, value: string | number): string[] => ['-o', `${name}=${value}`];

/** What holds for each ssh of the runner: it asks nothing, accepts no key on sight, forwards nothing by accident. */
const common = (target: SshTarget): string[] => [
  ...['-F', target.configFile],
  ...option('BatchMode', 'yes'),
  ...option('StrictHostKeyChecking', 'yes'),
  ...option('UpdateHostKeys', 'no'),
  ...option('LogLevel', 'ERROR'),
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
  ...common(target),
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

/** Name of the supervisor's file; by digest, so that several versions of the runner get along. */
export const supervisorFile = (digest: string): string => `supervisor-${digest.slice(0, 16)}.sh`;

/** The remote command that answers one request. */
export const serveCommand = (digest: string): string =>
  `exec bash ${REMOTE_ROOT}/${supervisorFile(digest)} serve ${REMOTE_ROOT} "$HOME" system`;

/**
 * The command of the shared connection: takes the supervisor's text from stdin if it is not there yet,
 * then holds the connection until stdin ends. Free of single quotes, so that any login shell passes it on.
 */
export function bootstrapCommand(digest: string, bytes: number): string {
  const script = [
    'umask 077; root=$HOME/.local/state/kfs; mkdir -p "$root" || exit 1',
    `file=$root/${supervisorFile(digest)}`,
    `if [ ! -f "$file" ]; then printf "\\001kfs need\\n" >&2; head -c ${bytes} >"$file.$$"`,
    `[ "$(sha256sum <"$file.$$")" = "${digest}  -" ] || exit 1; sync "$file.$$"; mv "$file.$$" "$file"; fi`,
    'printf "\\001kfs ready\\n" >&2; exec cat >/dev/null',
  ];
  return `exec bash -c '${script.join('; ')}'`;
}

/** The same on the workstation, without a connection. */
export const localServeArgv = (file: string, spool: string, workdir: string): string[] => [
  file,
  'serve',
  spool,
  workdir,
  'user',
];
