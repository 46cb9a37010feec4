/** Serves the mirror over HTTP: files only, read only; every step that fetches checks the digest itself. */
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import sirv from 'sirv';
import { KfsError } from '../runner/errors.ts';
import { listen } from './listen.ts';

export interface MirrorServer {
  url: string;
  close(): Promise<void>;
}

/** Names that begin with a dot are the mirror's own; so is whatever would lead out of it. */
function isHidden(url: string): boolean {
  try {
    return /[/\\]\./.test(decodeURIComponent(url));
  } catch {
    return true;
  }
}

/** Throws when the folder is missing or the port is taken. Port 0 takes a free one. */
export async function serveMirror(mirror: string, address: string, port: number): Promise<MirrorServer> {
  if (!existsSync(mirror)) {
    throw new KfsError('software-invalid', `there is no mirror in ${mirror}`, { next: 'kfs software build' });
  }
  const files = sirv(mirror, { dev: true, etag: true });
  const server = createServer((request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end();
      return;
    }
    const missing = () => void response.writeHead(404).end('not in the mirror\n');
    if (isHidden(request.url ?? '/')) missing();
    else files(request, response, missing);
  });
  const { port: real, close } = await listen(server, address, port);
  return { url: `http://${address}:${real}`, close };
}
