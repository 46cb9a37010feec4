/** What the tests and the benchmark of the lab share. */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Lab } from '../lab.ts';
import type { BootFile } from '../machine/boot.ts';
import { probe } from '../probe.ts';
import { type Backend, type LabPlan, proposePlan, readPlan } from '../spec.ts';

const run = promisify(execFile);

/** A first boot on a loaded machine. */
export const BOOT_LIMIT_MS = 240_000;

const lacks = probe().find(finding => finding.needed && !finding.ok);
/** For `skip` of a test: the reason, where no lab can be. */
export const noLab: string | false = lacks ? `this host cannot run a lab: ${lacks.why}` : false;

export async function planOf(folder: string, count: number, backend: Backend = 'uml'): Promise<LabPlan> {
  const file = join(folder, 'cluster.yaml');
  await writeFile(file, proposePlan(count, backend, 'lab/ssh_config'));
  return readPlan(file);
}

/** Runs a command on a machine of the test image, as root, by the image's key and under its pinned host key. */
export async function sshTo(lab: Lab, image: string, name: string, command: string): Promise<string> {
  const boot = JSON.parse(await readFile(join(image, 'boot.json'), 'utf8')) as BootFile;
  const known = join(lab.paths.root, 'known_hosts');
  await writeFile(known, `${name} ${boot.ssh!.knownHosts}\n`);
  const options = [`UserKnownHostsFile=${known}`, `IdentityFile=${join(image, 'key')}`, 'BatchMode=yes'];
  const flags = options.flatMap(option => ['-o', option]);
  const { stdout } = await run('ssh', ['-F', lab.paths.sshConfig, ...flags, '-l', 'root', name, command]);
  return stdout.trim();
}

export async function switchOn(lab: Lab, name: string): Promise<void> {
  await lab.power(name, 'on');
  await lab.waitForSsh(name, BOOT_LIMIT_MS);
}
