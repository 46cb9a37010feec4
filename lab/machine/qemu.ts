/** QEMU: an emulated PC with firmware, for what firmware, boot loader and the distribution's kernel matter to. */
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Firmware } from '../spec.ts';
import type { Boot } from './boot.ts';
import type { Hardware } from './uml.ts';

export interface Emulator {
  /** How the program is started; firmware folders are included. */
  argv: string[];
  env: Record<string, string>;
  /** UEFI firmware code, read only. */
  ovmf: string;
  kvm: boolean;
}

/**
 * `max` is fine on QEMU 10 and later under TCG. Disk first, network second: an empty disk falls through to a
 * network boot, and once it is installed it wins.
 */
export function qemuArgv(
  emulator: Emulator,
  machine: Hardware & { vars: string; firmware: Firmware },
  boot: Boot,
): string[] {
  const accelerator = emulator.kvm
    ? ['-accel', 'kvm', '-cpu', 'host']
    : ['-accel', 'tcg,thread=multi,tb-size=512', '-cpu', 'max'];
  const first = boot.kernel || machine.stick ? 1 : 0; // -kernel takes index 0 for itself, and a stick comes first
  const disks = machine.disks.flatMap((file, index) => [
    ...[
      '-drive',
      `file=${file},format=raw,if=none,id=d${index},cache=writeback,discard=unmap,detect-zeroes=unmap`,
    ],
    ...['-device', `virtio-blk-pci,drive=d${index}${index === 0 ? `,bootindex=${first}` : ''}`],
  ]);
  const stick = [
    ...['-drive', `file=${machine.stick},format=raw,if=none,id=stick`, '-device', 'qemu-xhci'],
    ...['-device', 'usb-storage,drive=stick,removable=on,bootindex=0'],
  ];
  const flash = [
    ...['-drive', `if=pflash,format=raw,readonly=on,file=${emulator.ovmf}`],
    ...['-drive', `if=pflash,format=raw,file=${machine.vars}`],
  ];
  return [
    ...emulator.argv,
    ...['-name', machine.name, '-machine', 'q35', ...accelerator, '-smp', '2', '-m', String(machine.memory)],
    ...['-nodefaults', '-display', 'none', '-device', 'virtio-rng-pci'],
    ...['-chardev', 'stdio,id=console,signal=off', '-serial', 'chardev:console'],
    ...['-qmp', `unix:${qmpSocket(machine.run, machine.name)},server=on,wait=off`],
    ...(machine.firmware === 'uefi' ? flash : []),
    ...disks,
    ...(machine.stick ? stick : []),
    ...['-netdev', `tap,id=u0,ifname=${machine.tap},script=no,downscript=no`],
    ...['-device', `virtio-net-pci,netdev=u0,mac=${machine.mac},bootindex=${first + 1}`],
    ...(boot.kernel ? ['-no-reboot', '-kernel', boot.kernel, '-append', boot.args] : []),
    ...(boot.kernel && boot.initrd ? ['-initrd', boot.initrd] : []),
  ];
}

const qmpSocket = (run: string, name: string): string => join(run, `${name}.qmp`);

/** Presses the power button by QEMU's control socket. */
export function qemuPowerButton(run: string, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(qmpSocket(run, name));
    let text = '';
    socket.setEncoding('utf8');
    socket.on('connect', () =>
      socket.write('{"execute":"qmp_capabilities"}\n{"execute":"system_powerdown"}\n'),
    );
    socket.on('data', chunk => {
      text += chunk;
      if ((text.match(/"return"/g) ?? []).length >= 2) socket.end();
    });
    socket.on('close', () => resolve());
    socket.on('error', reject);
  });
}
