#!/bin/bash
# bios.sh DISK LABEL: what grub-install does, by hand, on a disk whose first partition is a BIOS boot partition at 1 MiB.
# GRUB's core image goes there, told to read its configuration from the file system LABEL; boot.img goes into the boot
# sector, told where core.img begins, and core.img is told where its own second sector is.
set -euo pipefail
disk=$1 label=$2

cat >/tmp/embed.cfg <<GRUB
search --no-floppy --label $label --set=root
set prefix=(\$root)/grub
configfile \$prefix/grub.cfg
GRUB
grub-mkimage --format=i386-pc --prefix=/grub --config=/tmp/embed.cfg --output=/tmp/core.img \
  biosdisk part_gpt fat normal configfile search search_label linux test echo serial terminal

python3 - "$disk" <<'PYTHON'
import struct
import sys

first = 2048  # LBA of the BIOS boot partition
boot = open('/usr/lib/grub/i386-pc/boot.img', 'rb').read(512)
core = bytearray(open('/tmp/core.img', 'rb').read())
core[0x1f4:0x1fc] = struct.pack('<Q', first + 1)
with open(sys.argv[1], 'r+b') as disk:
    sector = bytearray(disk.read(512))
    sector[:440] = boot[:440]
    sector[0x5c:0x64] = struct.pack('<Q', first)
    sector[0x66:0x68] = b'\x90\x90'
    disk.seek(0)
    disk.write(sector)
    disk.seek(first * 512)
    disk.write(core)
PYTHON
