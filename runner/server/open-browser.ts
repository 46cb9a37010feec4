/** Opens the reader's browser where there is a display, without showing the token to `ps`. */
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { writeWhole } from '../plan/write.ts';

export const hasDisplay = (env: NodeJS.ProcessEnv = process.env): boolean =>
  process.platform === 'darwin' || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);

/**
 * A command line can be read by every user of the host, so the browser is given a file of mode 0600 that leads
 * to the address. The file is gone after a minute.
 */
export function openBrowser(url: string, folder: string): void {
  const file = join(folder, 'open.html');
  writeWhole(
    file,
    `<!doctype html><meta http-equiv="refresh" content="0;url=${url}"><title>Kubernetes From Scratch</title>\n`,
    0o600,
  );
  const opener = process.platform === 'darwin' ? 'open' : 'xdg-open';
  const child = spawn(opener, [pathToFileURL(file).href], { detached: true, stdio: 'ignore' });
  // Without an opener the printed address is enough.
  child.on('error', () => {});
  child.unref();
  setTimeout(() => rmSync(file, { force: true }), 60_000).unref();
}
