/**
 * What a machine starts from to be installed over the network: kernel, initial RAM disk and arguments, in a folder, for
 * whatever starts it (the lab; later PXE). The image has no identity, so it cannot know our CA; the RAM disk gets it as
 * a second, small archive behind the first, which the kernel unpacks over it. Nothing in the folder is secret.
 */
import { copyFile, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KfsError } from '../../../runner/errors.ts';
import { cpio, padded } from './cpio.ts';

export interface BootFilesOptions {
  /** Folder of the image. */
  image: string;
  /** File of the CA that the workstation's certificate is verified with. */
  ca: string;
  /** Where the workstation hands out configs. */
  url: string;
  /** Folder to make. */
  out: string;
}

//#region make
/** Where the installer looks for the CA. */
const CA_PATH = 'etc/kfs/services-ca.crt';

const installArguments = (url: string): string =>
  `root=LABEL=root console=tty0 console=ttyS0 rd.systemd.unit=kfs-install.target kfs.install=${url}`;

/** Writes vmlinuz, initrd and boot.json; what is there is replaced, each file whole. */
export async function makeBootFiles({ image, ca, url, out }: BootFilesOptions): Promise<void> {
  const certificate = await readFile(ca).catch(cause => {
    throw new KfsError('pki-refused', `${ca} cannot be read`, { next: 'kfs pki init', cause });
  });
  await mkdir(out, { recursive: true, mode: 0o700 });
  const initrd = padded(await readFile(join(image, 'initrd')));
  const boot = { install: { kernel: 'vmlinuz', initrd: 'initrd', args: installArguments(url) } };
  await copyFile(join(image, 'vmlinuz'), join(out, '.vmlinuz.draft'));
  await writeFile(join(out, '.initrd.draft'), Buffer.concat([initrd, cpio({ [CA_PATH]: certificate })]));
  await writeFile(join(out, '.boot.json.draft'), `${JSON.stringify(boot, null, 2)}\n`);
  for (const name of ['vmlinuz', 'initrd', 'boot.json'])
    await rename(join(out, `.${name}.draft`), join(out, name));
}
//#endregion
