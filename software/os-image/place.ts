/** The image in the mirror: where the check of the step looks, and where a machine that starts over the network will. */
import { join } from 'node:path';
import { fillFolder, type WaitOptions } from '../mirror.ts';
import { placedSums } from './digests.ts';

/** Folder in the mirror: Debian's release is its version. */
export const IMAGE_PATH = join('os-image', '13', 'amd64');

/** With the digests of when it was made, into the mirror's lists too. Waits while somebody else fills the mirror. */
export async function placeImage(image: string, mirror: string, options: WaitOptions = {}): Promise<void> {
  await fillFolder(mirror, IMAGE_PATH, { folder: image, sums: await placedSums(image) }, options);
}
