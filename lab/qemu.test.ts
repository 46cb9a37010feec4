/** The other backend: a PC whose firmware starts the very disk that User-mode Linux machines have. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ensureTestImage } from './image/test-image.ts';
import { Lab } from './lab.ts';
import { FIRMWARES } from './spec.ts';
import { noLab, planOf, sshTo, switchOn } from './testing/support.ts';

describe('a machine with firmware', { skip: noLab, timeout: 3_600_000 }, () => {
  let folder: string;
  let image: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kfs-qemu-test-'));
    image = await ensureTestImage();
  });
  after(() => rm(folder, { recursive: true, force: true }));

  for (const firmware of FIRMWARES) {
    const slow = firmware === 'uefi' && !process.env.KFS_FULL;
    const skip = slow ? 'a slow proof: kfs test --full' : false;
    test(`boots the disk by ${firmware}, answers by its lease, and shuts down by its button`, {
      skip,
    }, async () => {
      const lab = new Lab(join(folder, firmware));
      const settings = { backend: 'qemu', firmware, image, memory: 1024, disk: 2, data: 1 } as const;
      try {
        await lab.up({ plan: await planOf(folder, 1, 'qemu'), settings });
        await switchOn(lab, 'n1');
        const shown = await sshTo(
          lab,
          image,
          'n1',
          'uname -r; lsblk -dno NAME; ls /sys/firmware; ip -br -4 address',
        );
        assert.match(shown, /-cloud-amd64$/m);
        assert.match(shown, /^vda\nvdb$/m);
        assert.match(shown, /10\.77\.0\.11\/24/);
        assert.equal(/^efi$/m.test(shown), firmware === 'uefi');
        await lab.power('n1', 'off');
        const status = await lab.status();
        assert.equal(status.up && status.machines[0]!.power, 'off');
      } finally {
        await lab.down({ erase: true });
      }
    });
  }
});
