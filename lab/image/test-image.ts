/**
 * A small ready system for trying the lab by itself: stock Debian with ssh, no installer. The book's own image is
 * made elsewhere; the lab takes both in the same form, a folder with `boot.json`.
 */
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { aptMeter } from '../../software/builder/apt.ts';
import { ensureBuilder } from '../../software/builder/builder.ts';
import { cached, cacheFolder, digestOf, type Report } from '../../software/builder/cache.ts';
import { debianMirror } from '../../software/builder/mirror.ts';
import { RELEASE } from '../../software/builder/packages.ts';
import { run } from '../../software/builder/process.ts';
import type { BootFile } from '../machine/boot.ts';

/** About how many packages there are with all that these need: for the percentage only. */
const EXPECTED_PACKAGES = 134;
const PACKAGES = [
  ...['systemd-sysv', 'udev', 'dbus', 'openssh-server', 'iproute2', 'kmod', 'procps', 'curl', 'e2fsprogs'],
  ...['nftables', 'systemd-resolved', 'linux-image-cloud-amd64', 'initramfs-tools'],
];
const SIZE = '1500M';
/** What the stock kernel needs before it has its root. */
const EARLY = ['virtio_pci', 'virtio_blk', 'virtio_net', 'ext4'];

const NETWORK = '[Match]\nType=ether\nKind=!*\n[Network]\nDHCP=yes\n[DHCPv4]\nClientIdentifier=mac\n';

/** Run in the new root: `$1`. */
const CUSTOMIZE = `
set -eu
root=$1
: > "$root/etc/machine-id"
rm -f "$root/etc/hostname" "$root"/etc/ssh/ssh_host_*
echo 'LABEL=root / ext4 rw 0 1' > "$root/etc/fstab"
ln -sf /run/systemd/resolve/resolv.conf "$root/etc/resolv.conf"
rm -rf "$root/usr/share/doc" "$root/usr/share/man" "$root/usr/share/locale"
mkdir -p "$root/root/.ssh"
chmod 700 "$root/root/.ssh"
printf '%s\\n' ${EARLY.join(' ')} >> "$root/etc/initramfs-tools/modules"
sed -i 's/^MODULES=.*/MODULES=list/; s/^COMPRESS=.*/COMPRESS=zstd/' "$root/etc/initramfs-tools/initramfs.conf"
chroot "$root" update-initramfs -u
chroot "$root" systemctl enable systemd-networkd systemd-resolved ssh
chroot "$root" systemctl mask systemd-networkd-wait-online apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_reap.service`;

/** The folder of the test image; made at first use. Its private key, for root, is \`key\` in it. */
export async function ensureTestImage(report: Report = () => {}, signal?: AbortSignal): Promise<string> {
  const builder = await ensureBuilder(report, signal);
  const recipe = await readFile(join(import.meta.dirname, 'make-disk.sh'));
  const id = digestOf(recipe, RELEASE, SIZE, CUSTOMIZE, NETWORK, ...PACKAGES);
  return cached({
    path: cacheFolder('test-image', id),
    what: 'the test image',
    space: 3 * 2 ** 30,
    report,
    signal,
    make: async draft => {
      await mkdir(draft, { recursive: true, mode: 0o700 });
      await makeRoot(draft, report, signal);
      report({ phase: 'test-image', done: 80, total: 100, text: 'making the disk' });
      await builder.run(['bash', '/recipe/make-disk.sh', SIZE], {
        binds: [
          { from: draft, to: '/out' },
          { from: import.meta.dirname, to: '/recipe' },
        ],
        cwd: '/out',
        what: 'making the test disk',
      });
      await writeFile(join(draft, 'boot.json'), `${JSON.stringify(await bootFile(draft), null, 2)}\n`);
    },
  });
}

async function bootFile(draft: string): Promise<BootFile> {
  const [type, key] = (await readFile(join(draft, 'ssh_host_ed25519_key.pub'), 'utf8')).split(' ');
  return {
    clone: 'disk.img',
    direct: { args: 'root={disk}3 rw systemd.hostname={name} console={console}' },
    ssh: { user: 'root', knownHosts: `${type} ${key}` },
  };
}

async function makeRoot(draft: string, report: Report, signal?: AbortSignal): Promise<void> {
  const mirror = await debianMirror();
  await run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'lab', '-f', join(draft, 'key')]);
  await run([
    'ssh-keygen',
    '-q',
    '-t',
    'ed25519',
    '-N',
    '',
    '-C',
    '',
    '-f',
    join(draft, 'ssh_host_ed25519_key'),
  ]);
  await chmod(join(draft, 'key'), 0o600);
  await writeFile(join(draft, 'dhcp.network'), NETWORK);
  const copy = (from: string, to: string, mode: string) =>
    `--customize-hook=install -D -m ${mode} '${join(draft, from)}' "$1${to}"`;
  const mode = process.getuid?.() === 0 ? 'root' : 'unshare';
  await run(
    [
      ...['mmdebstrap', `--mode=${mode}`, '--variant=minbase', '--format=tar', '--verbose'],
      ...['APT::Install-Recommends "false"', ...mirror.options].map(option => `--aptopt=${option}`),
      `--include=${PACKAGES.join(',')}`,
      `--customize-hook=sh -c '${CUSTOMIZE.replaceAll("'", `'\\''`)}' customize "$1"`,
      copy('dhcp.network', '/etc/systemd/network/50-dhcp.network', '644'),
      copy('key.pub', '/root/.ssh/authorized_keys', '600'),
      copy('ssh_host_ed25519_key', '/etc/ssh/ssh_host_ed25519_key', '600'),
      copy('ssh_host_ed25519_key.pub', '/etc/ssh/ssh_host_ed25519_key.pub', '644'),
      ...[RELEASE, join(draft, 'root.tar'), `deb ${mirror.archive} ${RELEASE} main`],
    ],
    {
      what: 'making the test system',
      ...(signal ? { signal } : {}),
      onLine: aptMeter(EXPECTED_PACKAGES, (share, text) =>
        report({ phase: 'test-image', done: share * 80, total: 100, text }),
      ),
    },
  );
}
