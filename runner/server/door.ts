/** The HTTP door: headers first, then the few things that can be fetched, then the pages. GET and HEAD only. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { HELLO_PATH, RUNS_PATH, VERSION } from '../protocol/messages.ts';
import { checkHost, checkOrigin, checkToken, type Denied, type Door, tokenOfRequest } from './guard.ts';
import type { Runs } from './runs.ts';
import { harden, type Serve } from './static.ts';

export interface Rooms extends Door {
  server: string;
  runs: Runs;
  /** The pages as last built, and the digests of their inline scripts. */
  pages(): { serve: Serve; scripts: string[] };
}

export async function serveRequest(
  rooms: Rooms,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { serve, scripts } = rooms.pages();
  harden(response, scripts, rooms.port);
  const denied = checkHost(rooms, request.headers) ?? checkOrigin(rooms, request.headers, false);
  if (denied) return refuse(response, denied);
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD');
    return refuse(response, { status: 405, reason: 'method', message: 'Nothing is changed over HTTP.' });
  }
  if (!request.url?.startsWith('/api/')) return serve(request, response);
  const stranger = checkToken(rooms, tokenOfRequest(request.headers));
  if (stranger) return refuse(response, stranger);
  return serveApi(rooms, request, response);
}

async function serveApi(
  { server, runs }: Rooms,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1');
  if (pathname === HELLO_PATH) return json(response, 200, { name: 'kfs', version: VERSION, server });
  const file = pathname.startsWith(RUNS_PATH) ? runs.file(pathname.slice(RUNS_PATH.length)) : undefined;
  if (!file) return refuse(response, { status: 404, reason: 'not-found', message: 'There is no such run.' });
  response.setHeader('Content-Type', file.type);
  response.setHeader('Content-Disposition', `attachment; filename="${file.name}"`);
  response.setHeader('Cache-Control', 'no-store');
  if (request.method === 'HEAD') return void response.end();
  for await (const piece of file.pieces()) {
    if (response.destroyed) return;
    if (!response.write(piece)) await drained(response);
  }
  response.end();
}

/** Until the reader took what was written, or left. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise(done => {
    const end = () => {
      response.off('drain', end).off('close', end);
      done();
    };
    response.on('drain', end).on('close', end);
  });
}

export function refuse(response: ServerResponse, { status, reason, message }: Denied): void {
  json(response, status, { reason, message });
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.setHeader('Cache-Control', 'no-store');
  response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8' });
  response.end(`${JSON.stringify(body)}\n`);
}
