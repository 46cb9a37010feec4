#!/bin/bash
# packages.sh: the packages of packages.txt, installed -> /out/root.tar
# Runs in the builder. SOURCES holds the lines of sources.list, SOURCE_DATE_EPOCH the date of everything.
set -euo pipefail

packages=$(sed -e 's/#.*//' -e '/^[[:space:]]*$/d' /src/packages.txt | paste -sd,)

# Documents and translations stay out; so does the hook that would make an initial RAM disk at once: ours comes later.
mmdebstrap --mode=root --variant=minbase --format=tar --verbose \
  --aptopt='APT::Install-Recommends "false"' \
  --dpkgopt='path-exclude=/usr/share/man/*' \
  --dpkgopt='path-exclude=/usr/share/doc/*' \
  --dpkgopt='path-exclude=/usr/share/locale/*' \
  --dpkgopt='path-exclude=/usr/share/info/*' \
  --dpkgopt='path-exclude=/etc/kernel/postinst.d/dracut' \
  --include="$packages" \
  trixie /out/root.tar - <<<"$SOURCES"
