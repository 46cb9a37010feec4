#!/bin/bash
# stick.sh: the image, kernel and initrd of /image, the machines' files of /machines -> /out/stick.img
# Runs in the builder. The stick starts by UEFI (systemd-boot) and by BIOS (GRUB).
set -euo pipefail
cd /out

arguments="root=LABEL=root console=tty0 console=ttyS0 rd.systemd.unit=kfs-install.target"
mib=1048576
fat_mib=$((($(stat --format=%s /image/os.raw.zst) + $(stat --format=%s /image/initrd)) / mib + 64))

truncate --size=${fat_mib}M fat.img
mkfs.vfat -F 32 -n KFS-STICK fat.img >/dev/null
put() { mcopy -i fat.img "$@"; }
mmd -i fat.img ::/EFI ::/EFI/BOOT ::/loader ::/loader/entries ::/grub ::/machines
put /usr/lib/systemd/boot/efi/systemd-bootx64.efi ::/EFI/BOOT/BOOTX64.EFI
put /image/{vmlinuz,initrd,os.raw.zst,os.raw.zst.sha256,os.raw.size} ::/
put /machines/* ::/machines/
printf 'timeout 0\n' | put - ::/loader/loader.conf
printf 'title Install\nlinux /vmlinuz\ninitrd /initrd\noptions %s\n' "$arguments" | put - ::/loader/entries/install.conf
cat <<GRUB | put - ::/grub/grub.cfg
serial --unit=0 --speed=115200
terminal_output console serial
linux /vmlinuz $arguments
initrd /initrd
boot
GRUB

truncate --size=$((2 + fat_mib + 1))M draft.img
sfdisk --quiet draft.img <<TABLE
label: gpt
start=1MiB, size=1MiB, type=21686148-6449-6E6F-744E-656564454649, name=bios
size=${fat_mib}MiB, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B, name=KFS-STICK
TABLE
dd if=fat.img of=draft.img bs=$mib seek=2 conv=notrunc,sparse status=none
bash /src/bios.sh draft.img KFS-STICK
rm fat.img
mv draft.img stick.img
