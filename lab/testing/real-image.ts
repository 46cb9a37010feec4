/** The book's own image on a machine of the lab, installed as a reader does it: from the stick, with a config of its own. */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ensureImage } from '../../software/os-image/build.ts';
import { writeConfig } from '../../software/os-image/config.ts';
import { makeStick } from '../../software/os-image/stick.ts';
import type { Lab } from '../lab.ts';
import type { LabMachine } from '../spec.ts';

const run = promisify(execFile);

/** Firmware, boot loader and a kernel under emulation take minutes on a busy host. */
const INSTALL_LIMIT_MS = 30 * 60_000;
const START_LIMIT_MS = 15 * 60_000;

/** Runs a command on the machine as its user, under the host key that was made for it and no other. */
export type Login = (command: string) => Promise<string>;

/** Empties nothing: the machine's disk should be blank. Ends when the machine answers for the first time. */
export async function installImage(lab: Lab, machine: LabMachine, folder: string): Promise<Login> {
  const image = await ensureImage();
  const { name } = machine;
  for (const key of ['reader', 'host'])
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', key, '-f', join(folder, key)]);
  const yaml = join(folder, `${name}.yaml`);
  const config = join(folder, `${name}.ign`);
  await writeFile(yaml, configOf(machine, folder));
  writeConfig(yaml, config);
  const stick = join(folder, 'stick.img');
  await makeStick({ image, machines: [{ ...machine, config }], out: stick });
  await lab.stick(name, stick);
  await lab.power(name, 'on');
  await lab.waitForOff(name, INSTALL_LIMIT_MS);
  await lab.stick(name);
  await start(lab, name);
  return loginOf(lab, name, folder);
}

export async function start(lab: Lab, name: string): Promise<void> {
  await lab.power(name, 'on');
  await lab.waitForSsh(name, START_LIMIT_MS);
}

/** Short, but with a partition and a file system for Ignition to make. */
const configOf = ({ name, disk }: LabMachine, folder: string): string => `
ignition: { version: 3.3.0 }
passwd:
  users:
    - name: core
      groups: [sudo]
      shell: /bin/bash
      sshAuthorizedKeys: [{ local: ${join(folder, 'reader.pub')} }]
storage:
  disks:
    - device: ${disk}
      partitions: [{ number: 4, label: etcd, sizeMiB: 1024 }]
  filesystems:
    - { device: /dev/disk/by-partlabel/etcd, path: /var/lib/etcd, format: ext4, wipeFilesystem: true }
  files:
    - { path: /etc/hostname, mode: 0o644, contents: { inline: "${name}\\n" } }
    - { path: /etc/sudoers.d/core, mode: 0o440, contents: { inline: "core ALL=(ALL) NOPASSWD: ALL\\n" } }
    - { path: /etc/ssh/ssh_host_ed25519_key, mode: 0o600, contents: { local: ${join(folder, 'host')} } }
    - { path: /etc/ssh/ssh_host_ed25519_key.pub, mode: 0o644, contents: { local: ${join(folder, 'host.pub')} } }
systemd:
  units:
    - name: var-lib-etcd.mount
      enabled: true
      contents: |
        [Mount]
        What=/dev/disk/by-partlabel/etcd
        Where=/var/lib/etcd
        [Install]
        WantedBy=local-fs.target
`;

async function loginOf(lab: Lab, name: string, folder: string): Promise<Login> {
  const known = join(folder, 'known_hosts');
  const [type, key] = (await readFile(join(folder, 'host.pub'), 'utf8')).split(' ');
  await writeFile(known, `${name} ${type} ${key}\n`);
  const options = [
    ...['BatchMode=yes', 'StrictHostKeyChecking=yes', `UserKnownHostsFile=${known}`],
    ...[`IdentityFile=${join(folder, 'reader')}`, 'IdentitiesOnly=yes'],
  ].flatMap(option => ['-o', option]);
  return async command => {
    const argv = ['-F', lab.paths.sshConfig, ...options, '-l', 'core', name, command];
    return (await run('ssh', argv)).stdout.trim();
  };
}
