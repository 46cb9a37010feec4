/** What a machine without firmware boots: its installer while its disk is empty, then the disk's own entries. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensureBuilder } from '../software/builder/builder.ts';
import { ensureTestImage } from './image/test-image.ts';
import { Lab } from './lab.ts';
import { noLab, planOf, sshTo, switchOn } from './testing/support.ts';

/** The smallest installer: writes something to the disk, then restarts. */
const INSTALLER = `
#include <fcntl.h>
#include <unistd.h>
#include <sys/mount.h>
#include <sys/reboot.h>
int main(void) {
  mount("dev", "/dev", "devtmpfs", 0, "");
  int disk = open("/dev/ubda", O_WRONLY);
  write(disk, "installed, or so", 16);
  sync();
  reboot(RB_AUTOBOOT);
}
`;

describe('a machine without firmware', { skip: noLab, timeout: 3_600_000 }, () => {
  let folder: string;
  let lab: Lab;
  let image: string;
  const settings = { memory: 512, disk: 2, data: 1 };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kfs-install-test-'));
    image = await ensureTestImage();
    lab = new Lab(join(folder, 'lab'));
  });
  after(async () => {
    await lab?.down({ erase: true });
    await rm(folder, { recursive: true, force: true });
  });

  test('boots an installed disk by the entry and the initrd that are on it', async () => {
    const clone = relative(folder, join(image, 'disk.img'));
    await writeFile(join(folder, 'boot.json'), JSON.stringify({ clone }));
    await lab.up({ plan: await planOf(folder, 1), settings: { ...settings, image: folder } });
    await switchOn(lab, 'n1');
    assert.match(await sshTo(lab, image, 'n1', 'cat /proc/cmdline'), /root=LABEL=root rw console=ttyS0/);
    assert.equal(await sshTo(lab, image, 'n1', 'findmnt -no SOURCE /'), '/dev/ubda3');
    const status = await lab.status();
    assert.equal(status.up && status.machines[0]!.from, 'disk');
    await lab.down({ erase: true });
  });

  test('boots the installer once: after its restart it is the disk that counts', async () => {
    const builder = await ensureBuilder();
    await writeFile(join(folder, 'init.c'), INSTALLER);
    await builder.run(['sh', '-euc', 'gcc -static -w -o init init.c; echo init | cpio -o -H newc >initrd'], {
      ...{ binds: [{ from: folder, to: '/out' }], cwd: '/out' },
    });
    await writeFile(
      join(folder, 'boot.json'),
      JSON.stringify({ install: { initrd: 'initrd', args: 'rdinit=/init' } }),
    );
    await lab.up({ plan: await planOf(folder, 1), settings: { ...settings, image: folder } });
    await lab.power('n1', 'on');
    for (;;) {
      const status = await lab.status();
      const ended = status.up ? status.machines[0]!.ended : 'the lab is down';
      if (ended) {
        assert.match(ended, /disk0\.img .* no EFI system partition/);
        break;
      }
      await sleep(100);
    }
    await assert.rejects(lab.power('n1', 'on'), { code: 'lab-failed', next: /kfs lab wipe n1/ });
    await lab.wipe('n1');
    await lab.power('n1', 'on');
    await lab.power('n1', 'cut');
  });
});
