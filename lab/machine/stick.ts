/** A USB stick: an image file, or a stick of this host. It is there when it is plugged in, and may be gone later. */
import { stat } from 'node:fs/promises';
import { type ErrorCode, KfsError } from '../../runner/errors.ts';

/** Throws when there is no stick for the machine in this place. */
export async function refuseNoStick(machine: string, file: string, code: ErrorCode): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  if (found?.isBlockDevice() || (found?.isFile() && found.size > 0)) return;
  const what = found ? 'is no image of a stick' : 'is not there';
  throw new KfsError(code, `the stick ${file} ${what}`, {
    next: `kfs run os-stick makes one, the file os/stick.img of the state folder: kfs lab stick ${machine} FILE; without FILE, the stick is pulled out`,
  });
}
