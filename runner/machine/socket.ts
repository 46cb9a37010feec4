/** Where the sockets of shared connections are. */
import { lstatSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/** A socket's path holds 107 bytes; ssh adds 17 of its own while it makes one. */
export const SOCKET_PATH_LIMIT = 86;

let directory: string | undefined;
let count = 0;

/** A path that no other connection uses, in a directory that only we can write. */
export function controlSocket(): string {
  directory ??= socketDirectory();
  count += 1;
  return join(directory, `${process.pid}-${count}`);
}

function socketDirectory(): string {
  const name = `kfs-${userInfo().uid}`;
  for (const base of [process.env.XDG_RUNTIME_DIR, tmpdir(), '/tmp']) {
    if (!base || base.length + name.length + 16 > SOCKET_PATH_LIMIT) continue;
    if (isPrivate(join(base, name))) return join(base, name);
  }
  return mkdtempSync(join('/tmp', 'kfs-'));
}

/** Makes it if needed; false when somebody else owns that name. */
function isPrivate(path: string): boolean {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const found = lstatSync(path);
    return found.isDirectory() && found.uid === userInfo().uid && (found.mode & 0o077) === 0;
  } catch {
    return false;
  }
}
