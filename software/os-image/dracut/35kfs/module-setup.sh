#!/bin/bash
# A dracut module: what Debian's ignition package leaves to the distribution, and the installer.

check() { return 255; } # only when asked for by name

depends() { echo ignition; }

installkernel() {
  hostonly='' instmods qemu_fw_cfg vfat nls_ascii nls_cp437 nls_iso8859-1
}

install() {
  inst_multiple cut seq head awk grep cat sleep curl zstd sfdisk sgdisk e2fsck sha256sum tee mkfifo dd sed sync \
    blockdev blkdiscard mount umount modprobe lsblk udevadm usermod useradd groupadd cmp od mv rm \
    date stat sort tr ls cp chmod journalctl

  # The installer; over the network it asks for its address as the system will, so that it gets the same one.
  inst_script "$moddir/kfs-install.sh" /usr/sbin/kfs-install
  inst_simple /etc/systemd/network/90-dhcp.network
  for unit in kfs-install.service kfs-install.target kfs-network.service; do
    inst_simple "$moddir/$unit" "$systemdsystemunitdir/$unit"
  done

  # The config of a first boot lies on the disk's own ESP, where the installer put it.
  inst_script "$moddir/kfs-config.sh" /usr/sbin/kfs-config
  inst_simple "$moddir/kfs-config.service" "$systemdsystemunitdir/kfs-config.service"

  # Ignition looks for a config in its own folder first. systemd keeps /usr read-only, so there is only a pointer there.
  mkdir -p "$initdir/usr/lib/ignition"
  ln -s /run/kfs/config.ign "$initdir/usr/lib/ignition/user.ign"

  # Ignition fetches offline first. Only if it then asks for the network is the network raised.
  local requires="$initdir/$systemdsystemunitdir/ignition-complete.target.requires"
  mkdir -p "$requires"
  ln_r "$systemdsystemunitdir/kfs-network.service" "$systemdsystemunitdir/ignition-complete.target.requires/kfs-network.service"
  ln_r "$systemdsystemunitdir/kfs-config.service" "$systemdsystemunitdir/ignition-complete.target.requires/kfs-config.service"

  # Debian's binary relabels for SELinux what it wrote. There is none here: a setfiles that does nothing.
  printf '#!/bin/sh\nexec cat >/dev/null\n' >"$initdir/usr/sbin/setfiles"
  chmod 0755 "$initdir/usr/sbin/setfiles"

  # dracut's networkd module would ask for an address on every card at every boot. On request only.
  rm -f "$initdir"/etc/systemd/system/*.wants/systemd-networkd* "$initdir/$systemdsystemunitdir"/*.wants/systemd-networkd*

  # Keys go to ~/.ssh/authorized_keys, which Debian's sshd reads, not to authorized_keys.d, which it does not.
  mkdir -p "$initdir/$systemdsystemunitdir/ignition-files.service.d"
  printf '[Service]\nEnvironment=IGNITION_WRITE_AUTHORIZED_KEYS_FRAGMENT=false\n' \
    >"$initdir/$systemdsystemunitdir/ignition-files.service.d/keys.conf"

  # Who stands before a machine that did not get further should see why.
  for unit in emergency dracut-emergency; do
    mkdir -p "$initdir/$systemdsystemunitdir/$unit.service.d"
    printf '[Service]\nExecStartPre=-/bin/sh -c "journalctl --boot --no-pager --output=cat --priority=warning --lines=30 >/dev/console"\n' \
      >"$initdir/$systemdsystemunitdir/$unit.service.d/why.conf"
  done
}
