/** Where a lab keeps its files. Two labs never share one: everything hangs on the lab's directory. */
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export interface LabPaths {
  root: string;
  /** Settings and machines that the lab was last brought up with. */
  spec: string;
  machines: string;
  saves: string;
  /** What a restore prepares before it puts anything in its place. */
  restoring: string;
  /** Held by who changes the lab as a whole: brings it up, saves, restores. */
  upLock: string;
  /** Held by who copies or replaces disks, and shared by those who switch machines on. */
  disksLock: string;
  /** Logs of the keeper, the router and the way out. */
  logs: string;
  sshConfig: string;
  /** Program that `ssh` uses to get in. */
  connect: string;
  /** Sockets and process numbers. Short and outside of `root`, as a socket's path has at most 107 bytes. */
  run: string;
  socket: string;
  /** Process number of the keeper as the host sees it, and its start time. */
  keeperPid: string;
  /** Exit status of the way out, once it has ended; there is none while it lives. */
  uplinkEnded: string;
  /** The same of the process that started it and outlives it. */
  guardPid: string;
}

export interface MachinePaths {
  root: string;
  log: string;
  console: string;
  disk(index: number): string;
  firmware: string;
}

/** Pure: paths only, nothing is made. The keeper is told `run`, as in its namespace every user is root. */
export function labPaths(dir: string, run: string = runFolder(resolve(dir))): LabPaths {
  const root = resolve(dir);
  const at = (name: string) => join(root, name);
  return {
    root,
    spec: at('lab.json'),
    machines: at('machines'),
    saves: at('saves'),
    restoring: at('restore.draft'),
    upLock: at('up.lock'),
    disksLock: at('disks.lock'),
    logs: at('logs'),
    sshConfig: at('ssh_config'),
    connect: at('connect'),
    run,
    socket: join(run, 'keeper.sock'),
    keeperPid: join(run, 'keeper.pid'),
    uplinkEnded: join(run, 'uplink.ended'),
    guardPid: join(run, 'guard.pid'),
  };
}

function runFolder(root: string): string {
  const hash = createHash('sha256').update(root).digest('hex').slice(0, 12);
  return join(process.env.XDG_RUNTIME_DIR || tmpdir(), `kfs-lab-${process.getuid?.() ?? 0}-${hash}`);
}

export function machinePaths(paths: LabPaths, name: string): MachinePaths {
  const root = join(paths.machines, name);
  return {
    root,
    log: join(root, 'console.log'),
    console: join(paths.run, `${name}.console`),
    disk: index => join(root, `disk${index}.img`),
    firmware: join(root, 'uefi-vars.fd'),
  };
}
