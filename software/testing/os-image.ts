/** The files of an operating-system image, with a line of text in each. */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FILES = [
  'os.raw.zst',
  'os.raw.size',
  'vmlinuz',
  'initrd',
  'packages.txt',
  'ignition-validate',
  'boot.json',
];

/** As it was made before images had a list of their digests. */
export function testImage(folder: string, text: string): string {
  mkdirSync(folder, { recursive: true });
  for (const file of FILES) writeFileSync(join(folder, file), `${file} of ${text}\n`);
  const digest = createHash('sha256').update(`os.raw.zst of ${text}\n`).digest('hex');
  writeFileSync(join(folder, 'os.raw.zst.sha256'), `${digest}  os.raw.zst\n`);
  return folder;
}
