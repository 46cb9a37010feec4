/** The image in the mirror: where the check of the step looks, and where a machine that starts over the network will. */
import { join } from 'node:path';
import { place, replaceFile } from '../place.ts';
import { formatSums, sumsOf } from '../sums.ts';

const FILES = ['os.raw.zst', 'os.raw.zst.sha256', 'os.raw.size', 'vmlinuz', 'initrd', 'packages.txt'];

/** Folder in the mirror: Debian's release is its version. */
export const IMAGE_PATH = join('os-image', '13', 'amd64');

/** Hard links where the file system can. The list of digests comes last: what it names is there. */
export async function placeImage(image: string, mirror: string): Promise<void> {
  const target = join(mirror, IMAGE_PATH);
  for (const file of FILES) await place(join(image, file), join(target, file));
  await replaceFile(join(target, 'SHA256SUMS'), formatSums(await sumsOf(target, FILES)));
}
