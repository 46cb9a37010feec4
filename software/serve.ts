/** Serves the mirror over HTTP: files only, read only; every step that fetches checks the digest itself. */
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import sirv from 'sirv';
import { KfsError } from '../runner/errors.ts';

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

const NEXT: Record<string, string> = {
  EADDRINUSE: 'end what listens there, or choose another --port',
  EADDRNOTAVAIL:
    'this computer does not have that address: see network.workstation in the plan, or say --address',
  EACCES: 'a port above 1023 needs no rights: choose another --port',
};

/** Throws when the folder is missing or the port is taken. Port 0 takes a free one. */
export function serveMirror(mirror: string, address: string, port: number): Promise<MirrorServer> {
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
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const next = NEXT[cause.code ?? ''];
      reject(
        new KfsError('refused', `cannot listen on ${address}:${port}: ${cause.message}`, { cause, next }),
      );
    });
    server.listen(port, address, () => {
      const { port: real } = server.address() as AddressInfo;
      const close = () =>
        new Promise<void>(done => {
          server.close(() => done());
          server.closeAllConnections();
        });
      resolve({ url: `http://${address}:${real}`, close });
    });
  });
}
