import assert from 'node:assert/strict';
import { test } from 'node:test';
import { qemuArgv } from './qemu.ts';
import { memoryFolder, umlArgv } from './uml.ts';

const kernel = { linux: '/k/linux', release: '7.2.12-kfs', modules: '/k/modules' };
const machine = {
  ...{ name: 'n1', mac: '52:54:00:77:00:11', tap: 'tap0', memory: 1024, run: '/run/lab' },
  disks: ['/d/disk0.img', '/d/disk1.img'],
};
const emulator = { argv: ['qemu'], env: {}, ovmf: '/fw/CODE.fd', kvm: false };
const pc = { ...machine, vars: '/d/vars.fd', firmware: 'bios' as const };

test('a User-mode Linux machine has its disks in order, its card on its tap and its console on standard output', () => {
  const argv = umlArgv(kernel, machine, { from: 'disk', args: 'root=LABEL=root  rw', initrd: '/d/initrd' });
  assert.equal(argv[0], '/k/linux');
  for (const word of [
    'ubd0=/d/disk0.img',
    'ubd1=/d/disk1.img',
    'initrd=/d/initrd',
    'mem=1024M',
    'ssl0=fd:0,fd:1',
  ]) {
    assert.ok(argv.includes(word), word);
  }
  assert.ok(argv.includes('vec0:transport=tap,ifname=tap0,depth=128,gro=1,mac=52:54:00:77:00:11'));
  assert.deepEqual(argv.slice(-3), ['root=LABEL=root', 'rw', 'console=ttyS0']);
});

test('a console that the image names is not named twice', () => {
  const argv = umlArgv(kernel, machine, { from: 'disk', args: 'console=ttyS0 quiet' });
  assert.equal(argv.filter(word => word.startsWith('console=')).length, 1);
});

test('a QEMU machine boots its disk by its firmware, the network second', () => {
  const line = qemuArgv(emulator, pc, { from: 'disk', args: '' }).join(' ');
  assert.match(line, /virtio-blk-pci,drive=d0,bootindex=0/);
  assert.match(line, /virtio-net-pci,netdev=u0,mac=52:54:00:77:00:11,bootindex=1/);
  assert.match(line, /-accel tcg/);
  assert.doesNotMatch(line, /pflash|-kernel|-no-reboot/);
});

test('a QEMU machine with UEFI has its own variable store', () => {
  const line = qemuArgv(emulator, { ...pc, firmware: 'uefi' }, { from: 'disk', args: '' }).join(' ');
  assert.match(line, /if=pflash,format=raw,readonly=on,file=\/fw\/CODE\.fd/);
  assert.match(line, /if=pflash,format=raw,file=\/d\/vars\.fd/);
});

test('the installer is started from outside, once: on its restart the emulator ends', () => {
  const line = qemuArgv(emulator, pc, {
    from: 'installer',
    kernel: '/i/vmlinuz',
    initrd: '/i/initrd',
    args: 'a=b',
  });
  assert.deepEqual(line.slice(-7), [
    '-no-reboot',
    '-kernel',
    '/i/vmlinuz',
    '-append',
    'a=b',
    '-initrd',
    '/i/initrd',
  ]);
  assert.match(line.join(' '), /drive=d0,bootindex=1/);
});

test('the memory of a machine is shared memory where all of it has room, else on disk', () => {
  assert.equal(memoryFolder(1, '/disk'), '/dev/shm');
  assert.equal(memoryFolder(2 ** 40, '/disk'), '/disk');
  assert.equal(memoryFolder(1, '/disk', '/nowhere'), '/disk');
});
