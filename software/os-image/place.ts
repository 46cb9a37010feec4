/** The image in the mirror: where the check of the step looks, and where a machine that starts over the network will. */
import { join } from 'node:path';
import { fillFolder, type WaitOptions } from '../mirror.ts';
import { sumsOf } from '../sums.ts';

const FILES = ['os.raw.zst', 'os.raw.zst.sha256', 'os.raw.size', 'vmlinuz', 'initrd', 'packages.txt'];

/** Folder in the mirror: Debian's release is its version. */
export const IMAGE_PATH = join('os-image', '13', 'amd64');

/** Into the mirror's lists too. Waits while somebody else fills the mirror. */
export async function placeImage(image: string, mirror: string, options: WaitOptions = {}): Promise<void> {
  await fillFolder(mirror, IMAGE_PATH, { folder: image, sums: await sumsOf(image, FILES) }, options);
}
