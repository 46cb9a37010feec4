/**
 * What a machine starts from, decided at each power-on as firmware does: a disk with a boot loader, else what the
 * image folder offers (an installer, or a ready system). Described by the image's `boot.json`.
 */
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KfsError } from '../../runner/errors.ts';
import type { LabMachine, LabNetwork } from '../spec.ts';
import { loaderEntry } from './loader.ts';
import { refuseNoStick } from './stick.ts';

/**
 * `boot.json`. File names are relative to its folder. In `args` are replaced: {name} {address} {mac} {domain}
 * {disk} {router} {workstation} {mirror} (the mirror's URL) and {console}.
 */
export interface BootFile {
  /** A ready system's disk: an empty system disk begins as a copy of it. */
  clone?: string;
  /**
   * Starts a system that is there without its boot loader: quick. Without a `kernel` that is for User-mode Linux
   * only, and a machine with firmware starts as ever.
   */
  direct?: Start;
  /** What a machine with an empty system disk starts: kernel and initrd of the installer. */
  install?: Start;
  /** How the ready system of `clone` is reached. */
  ssh?: { user: string; knownHosts: string };
}
export interface Start {
  kernel?: string;
  initrd?: string;
  args: string;
}

/** What the emulator is given. Without `direct` QEMU starts its firmware; UML always needs the arguments. */
export interface Boot {
  from: 'installer' | 'disk' | 'image' | 'stick';
  kernel?: string;
  initrd?: string;
  args: string;
}

export interface BootContext {
  machine: LabMachine;
  network: LabNetwork;
  /** File behind the system disk. */
  disk: string;
  /** File behind the USB stick that is plugged in: it is booted first. */
  stick?: string;
  /** Folder of the image. */
  image?: string;
  /** Where files taken from the disk are put. */
  scratch: string;
  /** True where the emulator has no firmware, so that the boot loader's part is done here. */
  loader: boolean;
}

export async function readBootFile(image: string): Promise<BootFile> {
  const file = join(image, 'boot.json');
  try {
    return JSON.parse(await readFile(file, 'utf8')) as BootFile;
  } catch (error) {
    throw new KfsError('image-failed', `${file} cannot be read: ${(error as Error).message}`, {
      next: 'kfs image build makes the image anew',
      cause: error,
    });
  }
}

const STICK_ANEW = 'make it anew: kfs run os-stick --force';

export async function decideBoot(context: BootContext): Promise<Boot> {
  const { image, machine, stick } = context;
  if (stick) await refuseNoStick(machine.name, stick, 'lab-failed');
  if (stick && !context.loader) return { from: 'stick', args: '' };
  if (stick) return { from: 'stick', ...(await loaderEntry(stick, context.scratch, STICK_ANEW)) };
  const file = image ? await readBootFile(image) : {};
  if (file.direct && (context.loader || file.direct.kernel)) return start('image', file.direct, context);
  if (!(await isBlank(context.disk))) {
    if (!context.loader) return { from: 'disk', args: '' };
    const next = `it was not installed to the end: empty it (kfs lab wipe ${machine.name}), and install it again`;
    return { from: 'disk', ...(await loaderEntry(context.disk, context.scratch, next)) };
  }
  if (file.install) return start('installer', file.install, context);
  throw new KfsError(
    'lab-failed',
    `${machine.name} has nothing to boot: its disk is empty and there is no installer`,
    {
      next: `kfs run os-stick makes a stick: kfs lab stick ${machine.name} FILE, then on again; to see a machine at once, in a state folder of its own: kfs --state DIR lab up --image test`,
    },
  );
}

function start(from: Boot['from'], { kernel, initrd, args }: Start, context: BootContext): Boot {
  const at = (name: string) => join(context.image!, name);
  return {
    from,
    args: fill(args, context),
    ...(kernel ? { kernel: at(kernel) } : {}),
    ...(initrd ? { initrd: at(initrd) } : {}),
  };
}

function fill(args: string, { machine, network }: BootContext): string {
  const values: Record<string, string> = {
    ...{ name: machine.name, address: machine.address, mac: machine.mac, disk: machine.disk },
    ...{ domain: network.domain, router: network.router, workstation: network.workstation },
    ...{ mirror: `http://${network.workstation}:${network.mirrorPort}`, console: 'ttyS0' },
  };
  return args.replace(/\{(\w+)\}/g, (all, name: string) => values[name] ?? all);
}

/** No partition table and no boot sector: the first MiB is all zero. */
export async function isBlank(disk: string): Promise<boolean> {
  const handle = await open(disk, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2 ** 20), 0, 2 ** 20, 0);
    return buffer.subarray(0, bytesRead).every(byte => byte === 0);
  } finally {
    await handle.close();
  }
}
