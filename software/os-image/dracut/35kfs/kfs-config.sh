#!/bin/bash
# kfs-config: before Ignition looks for its config, put the one from the ESP where it looks.
# The file is local to the disk, it never went over a network, and the first boot removes it.
set -euo pipefail

if grep --quiet --word-regexp 'ignition.config.url=[^ ]*' /proc/cmdline; then exit 0; fi

esp=/dev/disk/by-label/ESP
for _ in $(seq 100); do
  if [[ -b $esp ]]; then break; fi
  sleep 0.2
done
if [[ ! -b $esp ]]; then
  echo "kfs-config: no partition is labelled ESP"
  exit 1
fi
modprobe --quiet vfat || true
mkdir -p /run/esp /run/kfs
mount -t vfat -o ro "$esp" /run/esp
if [[ ! -s /run/esp/config.ign ]]; then
  echo "kfs-config: the ESP has no config.ign; write one there, or boot with ignition.config.url="
  umount /run/esp
  exit 1
fi
cat /run/esp/config.ign >/run/kfs/config.ign
chmod 0600 /run/kfs/config.ign
umount /run/esp
