#!/bin/bash
# make-disk.sh SIZE: root.tar -> disk.img, run in the builder with the working folder as /out.
#
# One disk for every way to start it: GPT with a BIOS boot partition (GRUB), an EFI system partition (systemd-boot,
# and its entries for a machine without firmware) and the root. No loop device and no root rights are needed.
set -euo pipefail
size=$1
mib=2048                                    # sectors in a MiB
bios=$((1 * mib)) esp=$((2 * mib)) esp_size=$((96 * mib))
root=$((esp + esp_size))

mkdir -p boot
tar -xf root.tar -C boot --strip-components 2 --wildcards './boot/vmlinuz-*' './boot/initrd.img-*'
mv boot/vmlinuz-* boot/vmlinuz
mv boot/initrd.img-* boot/initrd
arguments='root=LABEL=root rw console=ttyS0'

# EFI system partition
truncate -s $((esp_size * 512)) esp.img
mkfs.vfat -n ESP esp.img >/dev/null
mmd -i esp.img ::/EFI ::/EFI/BOOT ::/loader ::/loader/entries ::/grub
mcopy -i esp.img /usr/lib/systemd/boot/efi/systemd-bootx64.efi ::/EFI/BOOT/BOOTX64.EFI
mcopy -i esp.img boot/vmlinuz boot/initrd ::/
printf 'timeout 0\n' | mcopy -i esp.img - ::/loader/loader.conf
printf 'title Debian\nsort-key 1\nlinux /vmlinuz\ninitrd /initrd\noptions %s\n' "$arguments" |
  mcopy -i esp.img - ::/loader/entries/1-debian.conf
printf 'set timeout=0\nmenuentry Debian {\n linux /vmlinuz %s\n initrd /initrd\n}\n' "$arguments" |
  mcopy -i esp.img - ::/grub/grub.cfg

# root
truncate -s "$size" root.img
mke2fs -q -t ext4 -T default -b 4096 -L root -d root.tar -E lazy_itable_init=1 root.img
root_size=$(($(stat -c %s root.img) / 512))

# disk
rm -f disk.img
truncate -s $(((root + root_size + mib) * 512)) disk.img
sfdisk -q disk.img <<TABLE
label: gpt
start=$bios, size=$mib, type=21686148-6449-6E6F-744E-656564454649, name=bios
start=$esp, size=$esp_size, type=U, name=ESP
start=$root, size=$root_size, type=4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709, name=root
TABLE
dd if=esp.img of=disk.img bs=1M seek=$((esp / mib)) conv=notrunc,sparse status=none
dd if=root.img of=disk.img bs=1M seek=$((root / mib)) conv=notrunc,sparse status=none

# GRUB for BIOS: boot.img in the first sector, core.img in the BIOS boot partition, each told where the next is.
printf 'search --no-floppy --label ESP --set=root\nset prefix=($root)/grub\nconfigfile $prefix/grub.cfg\n' >embed.cfg
grub-mkimage -O i386-pc -p /grub -c embed.cfg -o core.img \
  biosdisk part_gpt fat normal configfile search search_label linux test echo serial terminal
python3 - $bios <<'PATCH'
import struct, sys
first = int(sys.argv[1])
boot = open('/usr/lib/grub/i386-pc/boot.img', 'rb').read(512)
core = bytearray(open('core.img', 'rb').read())
core[0x1f4:0x1fc] = struct.pack('<Q', first + 1)   # in its first sector: where its other sectors are
with open('disk.img', 'r+b') as disk:
    sector = bytearray(disk.read(512))
    sector[:440] = boot[:440]
    sector[0x5c:0x64] = struct.pack('<Q', first)   # where core.img is
    sector[0x66:0x68] = b'\x90\x90'                # use the drive that the BIOS names, as grub-install writes it
    disk.seek(0)
    disk.write(sector)
    disk.seek(first * 512)
    disk.write(core)
PATCH
rm -rf boot esp.img root.img root.tar core.img embed.cfg
