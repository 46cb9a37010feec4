/** The machine of a name: the workstation itself, or a host of the ssh configuration. */
import { localMachine } from './local.ts';
import type { Machine } from './machine.ts';
import { sshMachine } from './ssh.ts';

/** Folders and the file of a state directory, of those that `StatePaths` has. */
interface Paths {
  jobs: string;
  work: string;
  sshConfig: string;
}

export const machineNamed = (name: string, { jobs, work, sshConfig }: Paths): Machine =>
  name === 'workstation'
    ? localMachine(name, { spool: jobs, workdir: work })
    : sshMachine({ name, configFile: sshConfig });
