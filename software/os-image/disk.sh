#!/bin/bash
# disk.sh: /out/root, vmlinuz, initrd -> /out/os.raw.zst with its sha256 and its size. No loop device is needed.
#
#   1 MiB     BIOS boot   GRUB's core image, for machines without UEFI
#   257 MiB   ESP         kernel, initrd, systemd-boot and GRUB's configuration
#   3 GiB     root        ext4, fixed size; the rest of the disk is Ignition's
set -euo pipefail
cd /out

mib=1048576
esp_mib=256
root_mib=3072

arguments="root=LABEL=root rw console=tty0 console=ttyS0"
first="ignition.firstboot ignition.platform.id=metal"

# The EFI system partition. The volume id and dates are fixed, so that the same input gives the same image.
rm -f esp.img && truncate --size=${esp_mib}M esp.img
mkfs.vfat -F 32 -n ESP -i 4b465301 --invariant esp.img >/dev/null
put() { mcopy -D o -i esp.img "$@"; }
mmd -i esp.img ::/EFI ::/EFI/BOOT ::/loader ::/loader/entries ::/grub
put /usr/lib/systemd/boot/efi/systemd-bootx64.efi ::/EFI/BOOT/BOOTX64.EFI
put vmlinuz ::/vmlinuz
put initrd ::/initrd
printf 'timeout 0\n' | put - ::/loader/loader.conf
entry() { printf 'title %s\nsort-key %s\nlinux /vmlinuz\ninitrd /initrd\noptions %s\n' "$@"; }
entry 'First boot (Ignition)' 0 "$arguments $first" | put - ::/loader/entries/0-first-boot.conf
entry 'Kubernetes From Scratch' 1 "$arguments" | put - ::/loader/entries/1-system.conf

# GRUB asks for the same flag file that the first boot removes.
printf 'set first="%s"\n' "$first" | put - ::/ignition.firstboot
cat <<GRUB | put - ::/grub/grub.cfg
serial --unit=0 --speed=115200
terminal_output console serial
set timeout=0
if [ -f (\$root)/ignition.firstboot ]; then source (\$root)/ignition.firstboot; fi
menuentry "Kubernetes From Scratch" { linux /vmlinuz $arguments \$first
 initrd /initrd }
GRUB

# The root file system, straight from the folder: owners and modes as they are in it.
rm -f root.img && truncate --size=${root_mib}M root.img
mke2fs -q -t ext4 -T default -b 4096 -L root -U 4b465302-0000-4000-8000-000000000002 \
  -E hash_seed=4b465302-0000-4000-8000-000000000003,lazy_itable_init=0,lazy_journal_init=0,no_copy_xattrs -d root root.img

rm -f os.raw && truncate --size=$((1 + 1 + esp_mib + root_mib + 1))M os.raw
sfdisk --quiet os.raw <<TABLE
label: gpt
label-id: 4b465303-0000-4000-8000-000000000004
start=1MiB, size=1MiB, type=21686148-6449-6E6F-744E-656564454649, name=bios, uuid=4b465304-0000-4000-8000-000000000005
size=${esp_mib}MiB, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B, name=ESP, uuid=4b465305-0000-4000-8000-000000000006
size=${root_mib}MiB, type=4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709, name=root, uuid=4b465306-0000-4000-8000-000000000007
TABLE
dd if=esp.img of=os.raw bs=$mib seek=2 conv=notrunc,sparse status=none
dd if=root.img of=os.raw bs=$mib seek=$((2 + esp_mib)) conv=notrunc,sparse status=none

bash /src/bios.sh os.raw ESP

zstd --quiet --force -T0 -10 os.raw -o os.raw.zst
sha256sum os.raw.zst >os.raw.zst.sha256
stat --format=%s os.raw >os.raw.size
rm -rf esp.img root.img root os.raw
