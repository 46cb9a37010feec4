/** The way into the lab for ssh: a configuration that goes through the lab's namespace, and never over the host's network. */
import { mkdir, writeFile } from 'node:fs/promises';
import { findProgram } from '../runner/host-packages.ts';
import type { LabPaths } from './paths.ts';
import type { LabMachine } from './spec.ts';

/**
 * Argument list that runs `command` inside the lab: its network, its name server, the host's files. As an ordinary
 * user one is `root` in there, and still oneself outside.
 */
export function insideLabArgv(keeperPid: string, command: string[]): string[] {
  const user = process.getuid?.() === 0 ? ['-U'] : ['-U', '--preserve-credentials'];
  const nsenter = findProgram('nsenter') ?? 'nsenter';
  return [nsenter, '-t', keeperPid, ...user, '-m', '-n', '--', ...command];
}

/**
 * Connects in the namespace and hands ssh the connected socket itself (`ProxyUseFdpass`), so no program stands
 * between ssh and the machine.
 */
function connectScript(paths: LabPaths): string {
  const nc = findProgram('nc.openbsd') ?? 'nc';
  const enter = insideLabArgv('"$pid"', [nc, '-F', '-w', '10', '"$1"', '"$2"']).join(' ');
  return `#!/bin/sh
# connect ADDRESS PORT: used by ssh_config beside this file.
read -r pid started 2>/dev/null <'${paths.keeperPid}' || { echo 'the lab is not up: kfs lab up' >&2; exit 1; }
exec ${enter}
`;
}

/** An ssh_config to read before one's own: `ssh -F`, or `Include`. */
export function sshConfig(paths: LabPaths, machines: LabMachine[]): string {
  const blocks = machines.map(
    ({ name, address }) => `Host ${name} ${address}
  HostName ${address}
  HostKeyAlias ${name}
  ProxyCommand '${paths.connect}' %h %p
  ProxyUseFdpass yes
  ConnectTimeout 30
`,
  );
  return `# Written by \`kfs lab up\`: how ssh reaches the machines of the lab.\n${blocks.join('')}`;
}

export async function writeSsh(paths: LabPaths, machines: LabMachine[]): Promise<void> {
  await mkdir(paths.root, { recursive: true });
  await writeFile(paths.connect, connectScript(paths), { mode: 0o755 });
  await writeFile(paths.sshConfig, sshConfig(paths, machines), { mode: 0o600 });
}
