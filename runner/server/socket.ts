/** The WebSocket's door: everything is decided on the raw request, before the upgrade. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { CLOSE, MAX_MESSAGE, SOCKET_PATH, SUBPROTOCOL } from '../protocol/messages.ts';
import { Client } from './client.ts';
import {
  checkHost,
  checkOrigin,
  checkToken,
  type Denied,
  type Door,
  speaksOurProtocol,
  tokenOfSocket,
} from './guard.ts';
import type { Services } from './requests.ts';

/** Pages at once; tabs, not users. */
const MOST_PAGES = 256;
/** A page that does not answer for two of these is gone: a closed lid, a dropped tunnel. */
const HEARTBEAT = 20_000;

export interface SocketDoor {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Says goodbye to every page and waits, briefly, until they have heard it. */
  close(): Promise<void>;
}

export function openSocketDoor(door: Door, services: Services): SocketDoor {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE,
    perMessageDeflate: false,
    handleProtocols: () => SUBPROTOCOL,
  });
  const alive = new WeakSet<WebSocket>();
  const heartbeat = setInterval(() => beat(sockets, alive), HEARTBEAT);

  return {
    upgrade(request, socket, head) {
      const denied = checkUpgrade(door, request, sockets.clients.size);
      if (denied) return turnAway(socket, denied);
      sockets.handleUpgrade(request, socket, head, page => {
        alive.add(page);
        page.on('pong', () => alive.add(page));
        new Client(page, services);
      });
    },
    async close() {
      clearInterval(heartbeat);
      sockets.close();
      await Promise.all([...sockets.clients].map(sayGoodbye));
    },
  };
}

function checkUpgrade(
  door: Door,
  { headers, url, method }: IncomingMessage,
  pages: number,
): Denied | undefined {
  const foreign = checkHost(door, headers) ?? checkOrigin(door, headers, true);
  if (foreign) return foreign;
  if (url !== SOCKET_PATH || method !== 'GET')
    return { status: 404, reason: 'not-found', message: 'Not found.' };
  const stranger = checkToken(door, tokenOfSocket(headers));
  if (stranger) return stranger;
  if (!speaksOurProtocol(headers))
    return { status: 426, reason: 'version', message: `Speak ${SUBPROTOCOL}.` };
  if (pages >= MOST_PAGES)
    return { status: 503, reason: 'too-many', message: `${MOST_PAGES} pages are open.` };
  return undefined;
}

function turnAway(socket: Duplex, { status, reason, message }: Denied): void {
  const body = `${JSON.stringify({ reason, message })}\n`;
  socket.on('error', () => {});
  socket.end(
    `HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Type: application/json; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

function sayGoodbye(page: WebSocket): Promise<void> {
  return new Promise(done => {
    const impatient = setTimeout(() => page.terminate(), 500);
    page.once('close', () => {
      clearTimeout(impatient);
      done();
    });
    page.close(CLOSE.stopping, 'the runner stops');
  });
}

function beat(sockets: WebSocketServer, alive: WeakSet<WebSocket>): void {
  for (const page of sockets.clients) {
    if (!alive.delete(page)) page.terminate();
    else page.ping();
  }
}
