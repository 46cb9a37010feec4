/** What a chapter has made of a machine, in lines that can be compared with those of another run from the same start. */
import type { Manifest } from '../../../book/manifest.ts';
import type { BookLab } from '../book-lab.ts';

/** Folders that the book writes to. What lies in /var is the programs' own business. */
const FOLDERS = '/etc /usr/local /opt';

/** Files with the same name and the same rights everywhere; contents are compared for what the book itself writes. */
const look = (written: string[]): string => `
set -eu
find ${FOLDERS} -xdev -printf '%y %m %u:%g %p %l\\n'
systemctl list-unit-files --state=enabled --no-legend --plain | awk '{ print "enabled", $1 }'
systemctl list-units --state=failed --no-legend --plain | awk '{ print "failed", $1 }'
getent passwd | cut -d: -f1,6,7
nft --stateless list chain inet filter opened
sha256sum /usr/local/bin/* 2>/dev/null || true
for file in ${written.join(' ')}; do if [ -f "$file" ]; then sha256sum "$file"; fi; done`;

/** What differs from one store to the next by chance: its identity, and the numbers of LVM's own notes about it. */
const withoutChance = (text: string): string =>
  text.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UUID').replace(/_\d{5}-\d+(?=\.vg\b)/g, '');

export async function fingerprint(lab: BookLab, manifest: Manifest): Promise<string[]> {
  const written = manifest.steps
    .filter(step => step.on !== 'workstation')
    .flatMap(step => step.files.map(file => file.path))
    .filter(path => !path.includes('$'));
  const text = withoutChance(await lab.root(look([...new Set(written)])));
  return [...new Set(text.split('\n').filter(Boolean))].toSorted();
}

/** Lines that only one of the two has: `- ` what is missing now, `+ ` what was not there. */
export function difference(before: string[], now: string[]): string[] {
  const only = (these: string[], those: string[], sign: string) => {
    const known = new Set(those);
    return these.filter(line => !known.has(line)).map(line => `${sign} ${line}`);
  };
  return [...only(before, now, '-'), ...only(now, before, '+')];
}
