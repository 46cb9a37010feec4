/** What runs the machines: our User-mode Linux kernel, or QEMU out of the builder. Made at first use. */

import { existsSync } from 'node:fs';
import { copyFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureBuilder } from '../software/builder/builder.ts';
import type { Report } from '../software/builder/cache.ts';
import { kvmWorks } from './kvm.ts';
import type { Emulator } from './machine/qemu.ts';
import type { UmlKernel } from './machine/uml.ts';
import type { LabSettings } from './spec.ts';
import { ensureKernel } from './uml/kernel.ts';

export interface Engine {
  kernel?: UmlKernel;
  emulator?: Emulator;
}

export async function engineOf(settings: LabSettings, report: Report, signal?: AbortSignal): Promise<Engine> {
  if (settings.backend === 'uml') return { kernel: await ensureKernel(report, signal) };
  return { emulator: await ensureEmulator(report, signal) };
}

/**
 * QEMU and its firmware are the builder's, started by the builder's own dynamic loader, so that a machine needs
 * no chroot and the host no QEMU.
 */
async function ensureEmulator(report: Report, signal?: AbortSignal): Promise<Emulator> {
  const { root } = await ensureBuilder(report, signal);
  const emulator = emulatorIn(root, false);
  const kvm = await kvmWorks(emulator, report, signal);
  return { ...emulator, kvm: kvm.works };
}

function emulatorIn(root: string, kvm: boolean): Emulator {
  const libraries = join(root, 'usr/lib/x86_64-linux-gnu');
  const share = (name: string) => ['-L', join(root, 'usr', name)];
  return {
    argv: [
      ...[join(root, 'usr/lib64/ld-linux-x86-64.so.2'), '--library-path', libraries],
      join(root, 'usr/bin/qemu-system-x86_64'),
      ...[...share('share/qemu'), ...share('share/seabios'), ...share('lib/ipxe/qemu')],
    ],
    env: { QEMU_MODULE_DIR: join(libraries, 'qemu') },
    ovmf: join(root, 'usr/share/OVMF/OVMF_CODE_4M.fd'),
    kvm,
  };
}

/** The variable store of a UEFI machine, its own copy. Whole once it has its name. */
export async function ensureFirmware(emulator: Emulator, file: string): Promise<void> {
  if (existsSync(file)) return;
  await copyFile(emulator.ovmf.replace('CODE', 'VARS'), `${file}.new`);
  await rename(`${file}.new`, file);
}
