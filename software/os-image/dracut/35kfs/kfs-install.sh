#!/bin/bash
# kfs-install: writes the image to the machine's disk and leaves it the machine's own config. Runs in an initial RAM
# disk. Both come from a stick labelled KFS-STICK, which holds os.raw.zst, its .sha256, and machines/<mac>.{disk,ign};
# or, with kfs.install=https://… among the kernel's arguments, from the workstation.
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

# The MAC addresses of this machine's network cards, one a line.
cards() { cat /sys/class/net/*/address | sed '/00:00:00:00:00:00/d' | sort -u; }

# Each of the two sources sets: disk; want and size, the digest and the size of the image; image, a command that prints
# it; config, a file. And each has something to do at the end.

# The stick: the first partition with its label.
from_stick() {
  local stick=/dev/disk/by-label/KFS-STICK
  for _ in $(seq 150); do
    if [[ -b $stick ]]; then break; fi
    sleep 0.2
  done
  [[ -b $stick ]] || fail "no stick labelled KFS-STICK appeared within 30 s"
  modprobe --quiet vfat || true
  mkdir -p /run/stick
  mount -t vfat "$stick" /run/stick
  mac=$(known_mac)
  [[ -n $mac ]] || fail "the stick knows none of this machine's network cards ($(cards | tr '\n' ' '))"
  if [[ -f /run/stick/machines/$mac.done ]]; then
    say "this machine was installed from this stick already; pull it out and power on, or arm the stick anew"
    sync
    systemctl poweroff --force
    exit 0
  fi
  disk=$(</run/stick/machines/"$mac".disk)
  want=$(cut -d' ' -f1 /run/stick/os.raw.zst.sha256)
  size=$(</run/stick/os.raw.size)
  image=(cat /run/stick/os.raw.zst)
  config=/run/stick/machines/$mac.ign
}

# The MAC address of this machine that the stick knows: a file named by it lies in machines/. Drivers take their time.
known_mac() {
  local mac
  for _ in $(seq 50); do
    for mac in $(cards); do
      if [[ -f /run/stick/machines/${mac//:/-}.disk ]]; then
        printf '%s' "${mac//:/-}"
        return
      fi
    done
    sleep 0.2
  done
}

# The config is on the disk now, so it goes from the stick: one that is lost later gives no host key away.
leave_stick() {
  date -u +%FT%TZ >"/run/stick/machines/$mac.done"
  rm -f "/run/stick/machines/$mac.ign"
  sync -f /run/stick
  umount /run/stick
  say "done: pull the stick out and power on"
  systemctl poweroff --force
}

# The workstation: it shows a certificate of the CA that came with this initial RAM disk, or nothing is asked of it. It
# answers once, and only if the machine is armed.
from_workstation() {
  local url=$1 ca=/etc/kfs/services-ca.crt job=/run/kfs/job code
  [[ -s $ca ]] || fail "there is no CA to know the workstation by; start what kfs install boot has made"
  systemctl start systemd-networkd.service
  /usr/lib/systemd/systemd-networkd-wait-online --any --timeout=90 ||
    fail "no network after 90 s: look at the cable, and at the router's lease for one of $(cards | tr '\n' ' ')"
  umask 077
  mkdir -p /run/kfs
  say "asking $url for this machine's config"
  code=$(cards | curl --silent --show-error --proto '=https' --cacert "$ca" --connect-timeout 10 --retry 20 \
    --retry-delay 3 --retry-connrefused --data-binary @- --output "$job" --write-out '%{http_code}' "$url/install") ||
    fail "nobody answered at $url whom this CA knows; is kfs install serve running there, with our certificate?"
  [[ $code == 200 ]] || fail "refused: $(<"$job")"
  disk=$(value_of disk)
  want=$(value_of sha256)
  size=$(value_of size)
  image=(curl --fail --silent --show-error --connect-timeout 10 "$(value_of image)")
  config=/run/kfs/config.ign
  sed '1,/^$/d' "$job" >"$config"
  [[ -s $config ]] || fail "the workstation sent no config"
}

# A line of what the workstation has answered: before the first empty line stand a word and its value.
value_of() { sed -n -e '/^$/q' -e "s/^$1 //p" /run/kfs/job; }

leave_workstation() {
  say "done: starting from $disk"
  sync
  systemctl reboot --force
}

# Writes the image, everything but the first MiB to the disk, the first MiB to memory; prints its digest in any case.
write_image() {
  local disk=$1 status=0
  mkfifo /run/sum
  sha256sum </run/sum >/run/sum.out &
  "${image[@]}" | tee -p /run/sum | zstd --decompress --stdout --no-progress | {
    head --bytes=1048576 >/run/head.img
    dd of="$disk" bs=1M seek=1 iflag=fullblock conv=notrunc,sparse status=none
  } || status=1
  wait $!
  cut -d' ' -f1 /run/sum.out
  return $status
}

url=$(sed -n 's/.*\bkfs\.install=\([^ ]*\).*/\1/p' /proc/cmdline)
if [[ -n $url ]]; then from=workstation; else from=stick; fi
"from_$from" "$url"

for _ in $(seq 50); do
  if [[ -b $disk ]]; then break; fi
  sleep 0.2
done
[[ -b $disk ]] || fail "there is no disk $disk; the disks are: $(lsblk --nodeps --noheadings --output NAME,SIZE | tr '\n' ';')"
[[ $want =~ ^[0-9a-f]{64}$ ]] || fail "the $from has no digest of the image"
[[ $(blockdev --getsize64 "$disk") -ge $size ]] || fail "$disk is smaller than the image"

state="nothing boots from $disk"
say "clearing the first $((size / 1048576)) MiB of $disk"
blkdiscard --zeroout --force --offset 0 --length "$size" "$disk" 2>/dev/null ||
  dd if=/dev/zero of="$disk" bs=1M count=$((size / 1048576)) status=none

say "writing the image to $disk"
written=yes
got=$(write_image "$disk") || written=no
[[ $got == "$want" ]] || fail "the image from the $from has the digest $got, not $want"
[[ $written == yes ]] || fail "the image could not be written to $disk"
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
cat "$config" >/run/esp/config.ign
sync -f /run/esp
cmp /run/esp/config.ign "$config" || fail "the config on the ESP is not the one from the $from"
umount /run/esp

"leave_$from"
