/** User-mode Linux: the kernel is a program. Its command line, and how its keys are pressed. */
import { spawn } from 'node:child_process';
import { statfsSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from '../../runner/host-packages.ts';
import type { Boot } from './boot.ts';

export interface UmlKernel {
  /** The program. */
  linux: string;
  /** `uname -r` in a machine. */
  release: string;
  /** Folder with modules.builtin and its like: what modprobe wants to see. */
  modules: string;
}

export interface Hardware {
  name: string;
  mac: string;
  tap: string;
  /** MiB. */
  memory: number;
  /** Files behind the disks, the system disk first. */
  disks: string[];
  /** File behind the USB stick that is plugged in. */
  stick?: string;
  /** Folder for sockets. */
  run: string;
}

/**
 * Everything is on the command line. The serial port ttyS0 is standard input and output. `noreboot` makes the
 * program end on a reboot: what to boot next is decided anew, as firmware would.
 */
export function umlArgv(kernel: UmlKernel, machine: Hardware, boot: Boot): string[] {
  const files = [...machine.disks, ...(machine.stick ? [machine.stick] : [])];
  const disks = files.map((file, index) => `ubd${index}=${file}`);
  const modules = `systemd.mount-extra=none:/usr/lib/modules/${kernel.release}:hostfs:ro,x-systemd.before=systemd-modules-load.service`;
  return [
    kernel.linux,
    ...disks,
    ...(boot.initrd ? [`initrd=${boot.initrd}`] : []),
    `mem=${machine.memory}M`,
    `umid=${machine.name}`,
    `uml_dir=${umlFolder(machine.run)}`,
    ...['seccomp=on', 'noreboot', 'con=null', 'ssl=null', 'ssl0=fd:0,fd:1'],
    `vec0:transport=tap,ifname=${machine.tap},depth=128,gro=1,mac=${machine.mac}`,
    `hostfs=${kernel.modules}`,
    modules,
    ...QUIET,
    ...boot.args.split(/\s+/).filter(Boolean),
    ...(/\bconsole=/.test(boot.args) ? [] : ['console=ttyS0']),
  ];
}

/** Drivers that are built in make devices nobody asked for, unless told not to. */
const QUIET = ['dummy.numdummies=0', 'nbd.nbds_max=0'];

const umlFolder = (run: string): string => join(run, 'uml');

/** Presses ctrl-alt-del: systemd stops everything in order and restarts, which `noreboot` turns into an end. */
export function umlPowerButton(run: string, name: string): Promise<void> {
  const request = Buffer.alloc(12 + 512);
  request.writeUInt32LE(0xcafebabe, 0); // magic of the management console, version 2
  request.writeUInt32LE(2, 4);
  request.writeUInt32LE(3, 8);
  request.write('cad', 12);
  const socket = join(umlFolder(run), name, 'mconsole');
  return new Promise((resolve, reject) => {
    const nc = spawn(findProgram('nc.openbsd') ?? 'nc', ['-U', '-u', '-w', '1', socket], {
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    nc.on('error', reject);
    nc.on('close', () => resolve());
    nc.stdin.on('error', () => {});
    nc.stdin.end(request);
  });
}

/**
 * Where the file is that is a machine's memory: in `shared`, off the disk, where there is room for all of it (MiB)
 * now, else in `onDisk`. A machine whose memory does not fit dies in the middle of its work, a slow one does not.
 */
export function memoryFolder(memory: number, onDisk: string, shared = '/dev/shm'): string {
  try {
    const { bavail, bsize } = statfsSync(shared);
    return bavail * bsize >= memory * 2 ** 20 ? shared : onDisk;
  } catch {
    return onDisk; // there is none
  }
}
