/** The built site over HTTP, with the headers that keep it to itself. */
import { existsSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import sirv from 'sirv';
import { policy } from './csp.ts';

export interface Site {
  /** Folder of the built pages. */
  folder: string;
  /** Digests of its inline scripts, as `csp.ts` collects them. */
  scripts: string[];
}

export type Serve = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * `sirv` lists the folder's files once and serves only what is in that list: no path can lead out of it.
 * Pages are asked for again each time (they change with the book), hashed assets never.
 */
export function serveSite(folder: string): Serve {
  const files = sirv(folder, { etag: true, dotfiles: false, setHeaders: cacheFor });
  const lost = join(folder, '404.html');
  const page = existsSync(lost) ? readFileSync(lost) : Buffer.from('Not found\n');
  const type = existsSync(lost) ? 'text/html; charset=utf-8' : 'text/plain; charset=utf-8';
  return (request, response) =>
    files(request, response, () => {
      response.writeHead(404, { 'Content-Type': type, 'Content-Length': page.length });
      response.end(request.method === 'HEAD' ? undefined : page);
    });
}

function cacheFor(response: ServerResponse, path: string): void {
  const hashed = path.startsWith('/_astro/');
  response.setHeader('Cache-Control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache');
}

/** Headers of every answer, pages and refusals alike. */
export function harden(response: ServerResponse, scripts: string[], port: number): void {
  response.setHeader('Content-Security-Policy', policy(scripts, port));
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Referrer-Policy', 'no-referrer');
  response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
  response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
  response.setHeader('X-Frame-Options', 'DENY');
}
