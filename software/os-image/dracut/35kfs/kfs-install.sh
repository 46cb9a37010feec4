#!/bin/bash
# kfs-install: writes the image to the machine's disk and leaves it the machine's own config. Runs in the initial RAM
# disk of a stick labelled KFS-STICK, which holds os.raw.zst, its .sha256, and machines/<mac>.{disk,ign}.
#
# Nothing becomes bootable before its digest is proven: the partition table is written last.
set -euo pipefail

say() { echo "kfs-install: [$(cut -d. -f1 /proc/uptime) s] $*" >&2; }

# Stop in plain sight: say what is wrong, and wait. From a disk that was touched nothing boots, not even half a system.
state="the disk was not touched"
fail() {
  trap - EXIT
  say "FAILED: $1"
  if [[ $state == nothing* ]]; then dd if=/dev/zero of="$disk" bs=1M count=1 conv=notrunc,fsync status=none || true; fi
  say "$state; mend what is wrong and power the machine on again"
  sync
  sleep 300
  systemctl poweroff --force
  exit 1
}
trap 'if [[ $? != 0 ]]; then fail "at: $BASH_COMMAND"; fi' EXIT

# Mounts the stick, the first partition with its label.
mount_stick() {
  local stick=/dev/disk/by-label/KFS-STICK
  for _ in $(seq 150); do
    if [[ -b $stick ]]; then break; fi
    sleep 0.2
  done
  [[ -b $stick ]] || fail "no stick labelled KFS-STICK appeared within 30 s"
  modprobe --quiet vfat || true
  mkdir -p /run/stick
  mount -t vfat "$stick" /run/stick
}

# The MAC address of this machine that the stick knows: a file named by it lies in machines/. Drivers take their time.
known_mac() {
  local card mac
  for _ in $(seq 50); do
    for card in /sys/class/net/*; do
      mac=$(<"$card/address")
      if [[ -f /run/stick/machines/${mac//:/-}.disk ]]; then
        printf '%s' "${mac//:/-}"
        return
      fi
    done
    sleep 0.2
  done
}

# Writes the image: everything but the first MiB to the disk, the first MiB to memory.
write_image() {
  local source=$1 disk=$2
  mkfifo /run/sum
  sha256sum </run/sum >/run/sum.out &
  tee /run/sum <"$source" | zstd --decompress --stdout --no-progress | {
    head --bytes=1048576 >/run/head.img
    dd of="$disk" bs=1M seek=1 iflag=fullblock conv=notrunc,sparse status=none
  }
  wait $!
  cut -d' ' -f1 /run/sum.out
}

mount_stick
mac=$(known_mac)
[[ -n $mac ]] || fail "the stick knows none of this machine's network cards ($(cat /sys/class/net/*/address | sed '/00:00:00:00:00:00/d' | tr '\n' ' '))"
if [[ -f /run/stick/machines/$mac.done ]]; then
  say "this machine was installed from this stick already; pull it out and power on, or arm the stick anew"
  sync
  systemctl poweroff --force
  exit 0
fi
disk=$(</run/stick/machines/"$mac".disk)
for _ in $(seq 50); do
  if [[ -b $disk ]]; then break; fi
  sleep 0.2
done
[[ -b $disk ]] || fail "there is no disk $disk; the disks are: $(lsblk --nodeps --noheadings --output NAME,SIZE | tr '\n' ';')"

want=$(cut -d' ' -f1 /run/stick/os.raw.zst.sha256)
[[ $want =~ ^[0-9a-f]{64}$ ]] || fail "os.raw.zst.sha256 on the stick holds no digest"
size=$(</run/stick/os.raw.size)
[[ $(blockdev --getsize64 "$disk") -ge $size ]] || fail "$disk is smaller than the image"

state="nothing boots from $disk"
say "clearing the first $((size / 1048576)) MiB of $disk"
blkdiscard --zeroout --force --offset 0 --length "$size" "$disk" 2>/dev/null ||
  dd if=/dev/zero of="$disk" bs=1M count=$((size / 1048576)) status=none

say "writing the image to $disk"
got=$(write_image /run/stick/os.raw.zst "$disk") || fail "the image could not be written to $disk"
[[ $got == "$want" ]] || fail "the image on the stick has the digest $got, not $want"
say "its digest is right: $got"

# Now, and only now, the partition table; then the copy of it at the end of the disk.
dd if=/run/head.img of="$disk" bs=1M conv=notrunc,fsync status=none
sgdisk --move-second-header "$disk" >/dev/null
blockdev --flushbufs "$disk"
blockdev --rereadpt "$disk" || true
udevadm settle

say "leaving the machine its own config"
esp=$(lsblk --noheadings --raw --paths --output NAME,PARTLABEL "$disk" | awk '$2 == "ESP" { print $1 }')
[[ -n $esp ]] || fail "the partitions of $disk did not appear"
mkdir -p /run/esp
mount -t vfat "$esp" /run/esp
cat "/run/stick/machines/$mac.ign" >/run/esp/config.ign
sync -f /run/esp
cmp /run/esp/config.ign "/run/stick/machines/$mac.ign" || fail "the config on the ESP is not the one on the stick"
umount /run/esp

date -u +%FT%TZ >"/run/stick/machines/$mac.done"
rm -f "/run/stick/machines/$mac.ign"
sync -f /run/stick
umount /run/stick
say "done: pull the stick out and power on"
systemctl poweroff --force
