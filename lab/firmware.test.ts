/** The book's image on a PC, from its firmware on, with the kernel that Debian ships: the slowest thing that a lab does. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { ensureImage } from '../software/os-image/build.ts';
import { Lab } from './lab.ts';
import { FIRMWARES, type Firmware } from './spec.ts';
import { installImage, type Login, start } from './testing/real-image.ts';
import { noLab, planOf } from './testing/support.ts';

/** One firmware each time; the other is a slow proof. */
const EVERY_DAY: Firmware = 'bios';

/** Emulated, and beside the other tests of the lab, it takes 5 to 15 minutes. */
const LIMIT_MS = 30 * 60_000;

/** What only this boot loader leaves behind. */
const TRACE: Record<Firmware, { ask: string; answer: RegExp }> = {
  bios: {
    ask: 'test ! -e /sys/firmware/efi && grep --only-matching "BOOT_IMAGE=[^ ]*" /proc/cmdline',
    answer: /^BOOT_IMAGE=\/vmlinuz$/,
  },
  uefi: {
    ask: "tr -d '\\0' </sys/firmware/efi/efivars/LoaderInfo-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f",
    answer: /systemd-boot \d+/,
  },
};

describe("the book's image", { skip: noLab, timeout: 3_600_000 }, () => {
  for (const firmware of FIRMWARES) {
    const skip = firmware !== EVERY_DAY && !process.env.KFS_FULL && 'a slow proof: kfs test --full';
    test(`is installed from the stick and started by ${firmware}, and answers under the host key it was given`, {
      skip,
      timeout: LIMIT_MS,
    }, async t => {
      const folder = await mkdtemp(join(tmpdir(), `kfs-firmware-${firmware}-`));
      t.after(() => rm(folder, { recursive: true, force: true }));
      const lab = new Lab(join(folder, 'lab'));
      t.after(() => lab.down({ erase: true }));
      const plan = await planOf(folder, 1, 'qemu');
      await lab.up({ plan, settings: { backend: 'qemu', firmware, memory: 2048, disk: 8, data: 1 } });
      const begun = Date.now();
      const login = await installImage(lab, plan.machines[0]!, folder);
      t.diagnostic(`installed and up after ${Math.round((Date.now() - begun) / 1000)} s`);
      await assertFirstStart(login, firmware);
      await lab.power('n1', 'off');
      const again = Date.now();
      await start(lab, 'n1');
      t.diagnostic(`power-on to ssh: ${Math.round((Date.now() - again) / 1000)} s`);
      await assertSecondStart(login);
    });
  }
});

async function assertFirstStart(login: Login, firmware: Firmware): Promise<void> {
  assert.equal(await login('systemctl is-system-running --wait'), 'running');
  assert.equal(await login('hostname; findmnt -no SOURCE /var/lib/etcd'), 'n1\n/dev/vda4');
  assert.match(await login('cat /proc/cmdline'), /\bignition\.firstboot\b/);
  const kernel = await login('uname -r');
  const packages = await readFile(join(await ensureImage(), 'packages.txt'), 'utf8');
  assert.ok(packages.includes(`\nlinux-image-${kernel} `), `${kernel} is not the kernel of the image`);
  const { ask, answer } = TRACE[firmware];
  assert.match(await login(ask), answer);
}

/** Ignition has had its turn: what asked for it is gone, and so is the config with the host key in it. */
async function assertSecondStart(login: Login): Promise<void> {
  assert.equal(await login('systemctl is-system-running --wait'), 'running');
  assert.doesNotMatch(await login('cat /proc/cmdline'), /ignition/);
  assert.equal(await login('sudo ls /efi | grep -c -e config.ign -e ignition.firstboot || true'), '0');
}
