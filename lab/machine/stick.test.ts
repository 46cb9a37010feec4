import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { decideBoot } from './boot.ts';
import { qemuArgv } from './qemu.ts';
import { umlArgv } from './uml.ts';

const hardware = {
  ...{ name: 'n1', mac: '52:54:00:77:00:11', tap: 'tap0', memory: 1024 },
  ...{ disks: ['/d/disk0.img', '/d/disk1.img'], run: '/run/lab', stick: '/s/stick.img' },
};

const context = {
  machine: { name: 'n1', mac: hardware.mac, address: '10.77.0.11', disk: '/dev/vda', data: [] },
  network: {
    ...{ domain: 'x', subnet: '10.77.0.0/24', router: '10.77.0.1', workstation: '10.77.0.2' },
    ...{ mirrorPort: 8080, hosts: {} },
  },
  ...{ disk: '/nowhere', scratch: '/nowhere' },
};

test('a machine with firmware leaves a stick to its firmware, whatever is on the disk', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kfs-stick-'));
  try {
    const stick = join(folder, 'stick.img');
    await writeFile(stick, 'a stick');
    assert.deepEqual(await decideBoot({ ...context, stick, loader: false }), { from: 'stick', args: '' });
  } finally {
    await rm(folder, { recursive: true });
  }
});

for (const loader of [true, false]) {
  test(`a stick whose file is gone by the power-on is named, with what to do, ${loader ? 'without' : 'with'} firmware`, async () => {
    await assert.rejects(decideBoot({ ...context, stick: '/gone/stick.img', loader }), {
      code: 'lab-failed',
      message: 'the stick /gone/stick.img is not there',
      next: /kfs run os-stick makes one.*kfs lab stick n1 FILE.*without FILE/,
    });
  });
}

test('QEMU starts from the stick first, then from the disk, then from the network', () => {
  const emulator = { argv: ['qemu'], env: {}, ovmf: '/ovmf', kvm: false };
  const pc = { ...hardware, vars: '/vars', firmware: 'bios' as const };
  const order = qemuArgv(emulator, pc, { from: 'stick', args: '' })
    .filter(word => /bootindex=/.test(word))
    .sort((a, b) => Number(a.at(-1)) - Number(b.at(-1)))
    .map(word => word.split(',')[0]);
  assert.deepEqual(order, ['usb-storage', 'virtio-blk-pci', 'virtio-net-pci']);
});

test('for User-mode Linux the stick is the disk after the others', () => {
  const kernel = { linux: 'linux', release: '1', modules: '/m' };
  const argv = umlArgv(kernel, hardware, { from: 'stick', args: '' });
  assert.deepEqual(
    argv.filter(word => word.startsWith('ubd')),
    ['ubd0=/d/disk0.img', 'ubd1=/d/disk1.img', 'ubd2=/s/stick.img'],
  );
});
