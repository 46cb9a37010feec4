#!/bin/bash
# root.sh: /packages/root.tar and our files -> the folder /out/root, /out/vmlinuz, /out/initrd, /out/packages.txt
# Runs in the builder.
set -euo pipefail

root=/out/root
mkdir -p "$root"
tar --extract --file=/packages/root.tar --directory="$root" --numeric-owner --preserve-permissions --exclude='./dev/*'

# Our files, and our module for the initial RAM disk.
cp --recursive --no-preserve=ownership /src/files/. "$root/"
cp --recursive --no-preserve=ownership /src/dracut/35kfs "$root/usr/lib/dracut/modules.d/"
(cd /src/files && find . -type f) | while read -r file; do chmod 0644 "$root/$file"; done
chmod 0755 "$root"/usr/lib/dracut/modules.d/35kfs/*.sh "$root/etc/nftables.conf"

# No identity: the machine-id is made at first boot (and makes systemd apply the presets); the name and the host key
# come from Ignition.
echo uninitialized >"$root/etc/machine-id"
rm -f "$root/etc/hostname" "$root/var/lib/dbus/machine-id" "$root"/etc/ssh/ssh_host_*
# Names are asked of the servers that the router has told; nothing listens for that on the machine.
ln -sf ../run/systemd/resolve/resolv.conf "$root/etc/resolv.conf"
# Presets decide what starts. What the packages enabled while they were installed does not count.
find "$root/etc/systemd/system" -type l -path '*.wants/*' -delete

# What would start in spite of that: host keys made here, and sshd on sockets that nobody asked for.
mkdir -p "$root/etc/systemd/system-generators"
ln -s /dev/null "$root/etc/systemd/system/sshd-keygen.service"
ln -s /dev/null "$root/etc/systemd/system-generators/systemd-ssh-generator"

# The initial RAM disk, with the drivers of every machine, Ignition, and the installer. dracut wants a system around it.
modules="bash systemd systemd-initrd dracut-systemd systemd-udevd systemd-journald systemd-tmpfiles systemd-sysctl \
systemd-modules-load kernel-modules kernel-network-modules rootfs-block fs-lib udev-rules base terminfo shutdown \
systemd-networkd net-lib url-lib qemu network ignition kfs"
kernel=$(ls "$root/usr/lib/modules")
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/var/tmp"
chroot "$root" dracut --force --reproducible --no-hostonly --no-hostonly-cmdline --compress "zstd -10" \
  --modules "$modules" --kver "$kernel" /boot/initrd >/out/dracut.log 2>&1
umount "$root/var/tmp"
umount --lazy "$root/dev" "$root/sys" "$root/proc"

install -m 0644 "$root/boot/initrd" /out/initrd
install -m 0644 "$root/boot/vmlinuz-$kernel" /out/vmlinuz
install -m 0755 "$root/usr/bin/ignition-validate" /out/ignition-validate
chroot "$root" dpkg-query --show --showformat '${Package} ${Version}\n' >/out/packages.txt

# Kernel and initrd live on the ESP; the rest of what goes is of no use to a machine.
rm -rf "$root"/boot/{initrd,vmlinuz,System.map}* "$root"/{initrd.img,vmlinuz}* "$root"/usr/share/lintian \
  "$root"/var/cache/{apt,debconf}/* "$root"/var/lib/apt/lists/* "$root"/var/log/{*.log,apt}
find "$root/usr" -name __pycache__ -type d -prune -exec rm -rf {} +
# One date for all: the image does not depend on the day it is made.
find "$root" -xdev -newermt "@$SOURCE_DATE_EPOCH" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
du --summarize --block-size=1M "$root" | cut -f1 >/out/root.mib
