/**
 * Who may speak to the runner. Pure decisions over a request's headers, made before anything else is done
 * with it: a foreign page, a name that was re-bound to 127.0.0.1 and a guessed token all end here.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { type DoorRefusal, SUBPROTOCOL, TOKEN_PREFIX } from '../protocol/messages.ts';

export interface Door {
  port: number;
  /** Hex; new at each start. */
  token: string;
}
export interface Denied {
  status: 401 | 403 | 404 | 405 | 421 | 426 | 503;
  reason: DoorRefusal;
  message: string;
}

const NAMES = ['127.0.0.1', 'localhost'];

/** A name that points to this host only by a trick of DNS is not one of ours. */
export function checkHost(door: Door, headers: IncomingHttpHeaders): Denied | undefined {
  if (NAMES.some(name => headers.host === `${name}:${door.port}`)) return undefined;
  return {
    status: 421,
    reason: 'host-foreign',
    message: `This runner answers as 127.0.0.1:${door.port} only.`,
  };
}

/** `required` for the WebSocket, where every browser sends it; elsewhere it must be ours when it is there. */
export function checkOrigin(door: Door, headers: IncomingHttpHeaders, required: boolean): Denied | undefined {
  const { origin } = headers;
  if (origin === undefined && !required) return undefined;
  // The page's own origin: the very host it asked, not merely another of our names.
  if (origin !== undefined && origin === `http://${headers.host}` && !checkHost(door, headers))
    return undefined;
  return { status: 403, reason: 'origin-foreign', message: 'Only pages of this runner may speak to it.' };
}

/** Compares digests, so that neither content nor length shows in the time it takes. */
export function checkToken(door: Door, offered: string | undefined): Denied | undefined {
  if (!offered)
    return { status: 401, reason: 'token-missing', message: 'Open the address that `kfs start` printed.' };
  const digest = (text: string) => createHash('sha256').update(text).digest();
  if (timingSafeEqual(digest(offered), digest(door.token))) return undefined;
  return {
    status: 401,
    reason: 'token-wrong',
    message: 'The runner was started anew: open the address that it printed last.',
  };
}

/** The token among the subprotocols that a page offers. */
export function tokenOfSocket(headers: IncomingHttpHeaders): string | undefined {
  return offered(headers)
    .find(name => name.startsWith(TOKEN_PREFIX))
    ?.slice(TOKEN_PREFIX.length);
}

export const speaksOurProtocol = (headers: IncomingHttpHeaders): boolean =>
  offered(headers).includes(SUBPROTOCOL);

export function tokenOfRequest(headers: IncomingHttpHeaders): string | undefined {
  return /^Bearer ([0-9a-f]{1,128})$/.exec(headers.authorization ?? '')?.[1];
}

function offered(headers: IncomingHttpHeaders): string[] {
  return (headers['sec-websocket-protocol'] ?? '').split(',').map(name => name.trim());
}
