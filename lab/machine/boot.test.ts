import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ensurePackages, findProgram } from '../../runner/host-packages.ts';
import { type BootContext, decideBoot } from './boot.ts';
import { espOffset, parseEntry } from './loader.ts';

const network = {
  ...{ domain: 'kfs.test', subnet: '10.9.0.0/24', router: '10.9.0.1', workstation: '10.9.0.2' },
  ...{ mirrorPort: 8080, hosts: {} },
};
const machine = { name: 'n1', mac: '52:54:00:00:00:01', address: '10.9.0.11', disk: '/dev/ubda', data: [] };

describe('what a machine boots', () => {
  let folder: string;
  let context: BootContext;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kfs-boot-'));
    context = {
      machine,
      network,
      disk: join(folder, 'disk'),
      scratch: join(folder, 'scratch'),
      loader: true,
    };
    await writeFile(context.disk, '');
    await truncate(context.disk, 64 * 2 ** 20);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const image = async (boot: object) => {
    await writeFile(join(folder, 'boot.json'), JSON.stringify(boot));
    return { ...context, image: folder };
  };

  test('an empty disk without an installer is refused with what to do', async () => {
    await assert.rejects(decideBoot(context), {
      code: 'lab-failed',
      message: /n1 has nothing to boot/,
      next: /kfs run os-stick .*kfs lab stick n1 FILE.*kfs --state DIR lab up --image test/,
    });
  });

  test('the folder of the image that the book makes has nothing for an empty disk either', async () => {
    await assert.rejects(decideBoot(await image({})), { next: /kfs lab stick n1/ });
  });

  test('an empty disk boots the installer, told who and where it is', async () => {
    const args = 'inst.dev={disk} inst.image={mirror}/os.raw.zst name={name} mac={mac} keep={unknown}';
    const boot = await decideBoot(await image({ install: { kernel: 'vmlinuz', initrd: 'initrd', args } }));
    assert.equal(boot.from, 'installer');
    assert.equal(boot.initrd, join(folder, 'initrd'));
    assert.equal(
      boot.args,
      'inst.dev=/dev/ubda inst.image=http://10.9.0.2:8080/os.raw.zst name=n1 mac=52:54:00:00:00:01 keep={unknown}',
    );
  });

  test('a damaged boot.json is an error of the image', async () => {
    await writeFile(join(folder, 'boot.json'), '{');
    await assert.rejects(decideBoot({ ...context, image: folder }), { code: 'image-failed' });
  });

  test('an installed disk boots by its own first loader entry, with its own initrd', async t => {
    await ensurePackages([
      { package: 'mtools', why: 'reads loader entries', probe: 'mtype' },
      { package: 'fdisk', why: 'makes a partition table to read', probe: 'sfdisk' },
      { package: 'dosfstools', why: 'makes an EFI system partition to read', probe: 'mkfs.vfat' },
    ]).catch(() => {});
    const missing = ['sfdisk', 'mkfs.vfat', 'mcopy'].filter(program => !findProgram(program));
    if (missing.length > 0) return t.skip(`this host lacks ${missing.join(', ')}`);
    await installed(context.disk);
    assert.equal(await espOffset(context.disk), 2 * 2 ** 20);
    const boot = await decideBoot(await image({ install: { args: '' } }));
    assert.equal(boot.from, 'disk');
    assert.equal(boot.args, 'root=LABEL=root ignition.firstboot');
    assert.equal(await readFile(boot.initrd!, 'utf8'), 'the initrd');
    const firmware = await decideBoot({ ...context, loader: false });
    assert.deepEqual(firmware, { from: 'disk', args: '' });
  });

  test('a disk that was not installed to the end says so, and a stick that was not made to the end', async () => {
    const handle = join(folder, 'half');
    await writeFile(handle, 'something');
    await truncate(handle, 2 ** 22);
    await assert.rejects(decideBoot({ ...context, disk: handle }), {
      code: 'lab-failed',
      message: /no EFI system partition/,
      next: /kfs lab wipe n1/,
    });
    await assert.rejects(decideBoot({ ...context, stick: handle }), {
      code: 'lab-failed',
      message: /half.* no EFI system partition/,
      next: /kfs run os-stick --force/,
    });
  });
});

test('a loader entry is read as written', () => {
  const text = '# c\ntitle  Debian\nsort-key\t1\nlinux /vmlinuz\ninitrd /initrd\noptions a=b c  \n';
  assert.deepEqual(parseEntry(text), { sortKey: '1', initrd: '/initrd', options: 'a=b c' });
});

/** A GPT with a small EFI system partition that holds two entries, as the image makes it. */
async function installed(disk: string): Promise<void> {
  const esp = `${disk}.esp`;
  const run = (program: string, args: string[], input?: string) =>
    execFileSync(findProgram(program)!, args, { input: input ?? '', stdio: ['pipe', 'ignore', 'ignore'] });
  run('sfdisk', ['-q', disk], 'label: gpt\nstart=2048, size=2048\nstart=4096, size=65536, type=U\n');
  await writeFile(esp, '');
  await truncate(esp, 32 * 2 ** 20);
  run('mkfs.vfat', [esp]);
  run('mmd', ['-i', esp, '::/loader', '::/loader/entries']);
  const put = async (path: string, text: string) => {
    await writeFile(`${disk}.part`, text);
    run('mcopy', ['-i', esp, `${disk}.part`, `::${path}`]);
  };
  await put('/initrd', 'the initrd');
  await put('/loader/entries/1-debian.conf', 'sort-key 1\ninitrd /initrd\noptions root=LABEL=root\n');
  await put(
    '/loader/entries/0-firstboot.conf',
    'sort-key 0\ninitrd /initrd\noptions root=LABEL=root ignition.firstboot\n',
  );
  run('dd', [`if=${esp}`, `of=${disk}`, 'bs=1M', 'seek=2', 'conv=notrunc']);
}
