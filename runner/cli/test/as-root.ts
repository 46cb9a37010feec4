/** Runs a script as root on a machine of the plan, over the pinned ssh; rejects when it fails. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const MOST_BYTES = 512 * 2 ** 20;

export async function asRoot(sshConfig: string, machine: string, script: string): Promise<string> {
  const argv = ['-F', sshConfig, '-o', 'BatchMode=yes', machine, 'sudo', 'bash', '-s'];
  const done = run('ssh', argv, { maxBuffer: MOST_BYTES });
  done.child.stdin?.end(script);
  return (await done).stdout;
}
