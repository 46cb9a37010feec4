/** What the builder is made of. A change here makes another builder: the digest of this list names its folder. */

export const RELEASE = 'trixie';
export const BACKPORTS = `${RELEASE}-backports`;

/** Source packages whose newer version in backports is wanted (what exists only there needs no pin). */
export const FROM_BACKPORTS = ['qemu', 'seabios', 'ipxe', 'edk2'];

/** Debian packages by what they are for. */
export const PACKAGES = {
  base: ['ca-certificates', 'git', 'patch', 'python3', 'rsync', 'xz-utils', 'zstd', 'cpio'],
  go: ['golang-1.26-go', 'gcc', 'libc6-dev', 'pkg-config', 'libblkid-dev'],
  kernel: ['linux-source-7.2', 'make', 'flex', 'bison', 'bc', 'libelf-dev', 'kmod'],
  emulator: ['qemu-system-x86', 'qemu-utils', 'ipxe-qemu', 'ovmf', 'seabios'],
  image: [
    'mmdebstrap',
    'debian-archive-keyring',
    'mtools',
    'dosfstools',
    'e2fsprogs',
    'libarchive13t64', // lets mke2fs -d read a tar
    'fdisk',
    'gdisk',
    'grub-pc-bin',
    'grub-common',
    'systemd-boot-efi',
  ],
};

export const ALL_PACKAGES = Object.values(PACKAGES).flat();
