#!/bin/bash
# packages.sh: the packages of packages.txt, installed -> /out/root.tar
# Runs in the builder. SOURCES holds the lines of sources.list, SOURCE_DATE_EPOCH the date of everything.
set -euo pipefail

packages=$(sed -e 's/#.*//' -e '/^[[:space:]]*$/d' /src/packages.txt | paste -sd,)

# Documents and translations stay out. dracut would make an initial RAM disk at once, by its kernel hook; ours is made
# later, so a hook that does nothing is put in its place.
hook=etc/kernel/postinst.d/dracut
mmdebstrap --mode=root --variant=minbase --format=tar --verbose \
  --aptopt='APT::Install-Recommends "false"' \
  --dpkgopt='path-exclude=/usr/share/man/*' \
  --dpkgopt='path-exclude=/usr/share/doc/*' \
  --dpkgopt='path-exclude=/usr/share/locale/*' \
  --dpkgopt='path-exclude=/usr/share/info/*' \
  --dpkgopt="path-exclude=/$hook" \
  --setup-hook="mkdir -p \"\$1/${hook%/*}\"; echo '#!/bin/sh' >\"\$1/$hook\"; chmod 0755 \"\$1/$hook\"" \
  --include="$packages" \
  trixie /out/root.tar - <<<"$SOURCES"
