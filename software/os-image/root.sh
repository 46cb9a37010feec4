#!/bin/bash
# root.sh: Debian's packages and our files -> /out/root.tar, /out/vmlinuz, /out/initrd, /out/packages.txt
# Runs in the builder. SOURCES holds the lines of sources.list, SOURCE_DATE_EPOCH the date of everything.
set -euo pipefail

packages=$(sed -e 's/#.*//' -e '/^[[:space:]]*$/d' /src/packages.txt | paste -sd,)

# In the new root ($1): our files, our dracut module, the initial RAM disk; and out with what no machine needs.
cat >/tmp/customize <<'CUSTOMIZE'
set -euo pipefail
root=$1
cp --recursive --no-preserve=ownership /src/files/. "$root/"
cp --recursive --no-preserve=ownership /src/dracut/35kfs "$root/usr/lib/dracut/modules.d/"
chmod 0755 "$root"/usr/lib/dracut/modules.d/35kfs/*.sh
chmod 0755 "$root/etc/nftables.conf"

# No identity: the machine-id is made at first boot (and makes systemd apply the presets), the host key comes
# from Ignition, the name from Ignition.
echo uninitialized >"$root/etc/machine-id"
rm -f "$root/etc/hostname" "$root/var/lib/dbus/machine-id" "$root"/etc/ssh/ssh_host_*
ln -sf ../run/systemd/resolve/stub-resolv.conf "$root/etc/resolv.conf"
# Presets decide what starts; what the packages enabled while they were installed does not count.
find "$root/etc/systemd/system" -type l -path '*.wants/*' -delete

kernel=$(ls "$root/usr/lib/modules")
chroot "$root" dracut --force --reproducible --no-hostonly --no-hostonly-cmdline --compress "zstd -10" \
  --modules "bash systemd systemd-initrd dracut-systemd systemd-udevd systemd-journald systemd-tmpfiles systemd-sysctl systemd-modules-load kernel-modules kernel-network-modules rootfs-block fs-lib udev-rules base terminfo shutdown systemd-networkd net-lib url-lib qemu network ignition kfs" \
  --kver "$kernel" /boot/initrd >/out/dracut.log 2>&1
cp "$root/boot/initrd" /out/initrd
cp "$root/boot/vmlinuz-$kernel" /out/vmlinuz
chmod 0644 /out/initrd /out/vmlinuz
rm -f "$root"/boot/initrd* "$root"/boot/vmlinuz* "$root"/initrd.img* "$root"/vmlinuz*

chroot "$root" dpkg-query --show --showformat '${Package} ${Version}\n' >/out/packages.txt
rm -rf "$root"/usr/share/{doc,man,locale,info,lintian} "$root"/var/cache/{apt,debconf}/* "$root"/var/lib/apt/lists/* "$root"/var/log/*.log "$root"/var/log/apt
find "$root/usr" -name __pycache__ -type d -prune -exec rm -rf {} +
CUSTOMIZE

mmdebstrap --mode=root --variant=minbase --format=tar --verbose \
  --aptopt='APT::Install-Recommends "false"' \
  --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
  --include="$packages" \
  --customize-hook='bash /tmp/customize "$1"' \
  trixie /out/root.tar - <<<"$SOURCES"
