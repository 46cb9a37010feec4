/** A visitor of the server for its tests: real sockets, any header, every message kept. */
import { once } from 'node:events';
import { request } from 'node:http';
import { WebSocket } from 'ws';
import { decodeFrame, encodeFrame, FRAME } from '../../protocol/frames.ts';
import {
  type ClientMessage,
  type ServerMessage,
  SOCKET_PATH,
  SUBPROTOCOL,
  VERSION,
} from '../../protocol/messages.ts';

export interface Address {
  port: number;
  token: string;
}

export const addressOf = (url: string): Address => {
  const { port, hash } = new URL(url);
  return { port: Number(port), token: hash.slice('#token='.length) };
};

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** A raw request: no URL is tidied up on the way, no header added but Host. */
export async function fetchRaw(
  port: number,
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<Answer> {
  const asked = request({
    host: '127.0.0.1',
    port,
    path,
    method,
    headers: { host: `127.0.0.1:${port}`, ...headers },
  });
  asked.end();
  const [response] = await once(asked, 'response');
  let body = '';
  for await (const chunk of response) body += chunk;
  return { status: response.statusCode, headers: response.headers, body };
}

/** A reply or a refusal. */
export interface Answered {
  type: 'reply' | 'refused';
  value?: unknown;
  reason?: string;
  message?: string;
}

export interface Knock {
  path?: string;
  token?: string | null;
  origin?: string | null;
  host?: string;
  protocols?: string[];
}

export class Visitor {
  readonly socket: WebSocket;
  readonly messages: ServerMessage[] = [];
  readonly frames: { stream: number; offset: number; bytes: Uint8Array }[] = [];
  #waiting: (() => void)[] = [];
  #last = 0;

  constructor({ port, token }: Address, knock: Knock = {}) {
    const offered = knock.token === undefined ? token : knock.token;
    const protocols = knock.protocols ?? [SUBPROTOCOL, ...(offered === null ? [] : [`token.${offered}`])];
    const origin = knock.origin === undefined ? `http://127.0.0.1:${port}` : knock.origin;
    const headers: Record<string, string> = { host: knock.host ?? `127.0.0.1:${port}` };
    if (origin !== null) headers.origin = origin;
    this.socket = new WebSocket(`ws://127.0.0.1:${port}${knock.path ?? SOCKET_PATH}`, protocols, { headers });
    this.socket.on('message', (data: Buffer, binary: boolean) => {
      if (binary) this.frames.push(decodeFrame(data)!);
      else this.messages.push(JSON.parse(data.toString()));
      this.#wake();
    });
    this.socket.on('close', () => this.#wake());
    this.socket.on('error', () => {});
  }

  /** `open`, or the status of the refusal. */
  async knocked(): Promise<'open' | number> {
    return new Promise(done => {
      this.socket.once('open', () => done('open'));
      this.socket.once('unexpected-response', (_request, response) => done(response.statusCode ?? 0));
    });
  }

  async enter(): Promise<Extract<ServerMessage, { type: 'welcome' }>> {
    this.socket.on('open', () => this.#wake());
    await this.until(() => this.socket.readyState === WebSocket.OPEN);
    this.say({ type: 'hello', version: VERSION });
    return this.hears('welcome');
  }

  say(message: ClientMessage): void {
    this.socket.send(JSON.stringify(message));
  }

  /** Sends a request and waits for its own reply or refusal. */
  async ask(message: Record<string, unknown> & { type: string }) {
    const number = ++this.#last;
    this.socket.send(JSON.stringify({ ...message, request: number }));
    return this.until(() =>
      this.messages.find(heard => 'request' in heard && heard.request === number),
    ) as Promise<Answered>;
  }

  type(stream: number, text: string): void {
    this.socket.send(encodeFrame({ kind: FRAME.input, stream, offset: 0, bytes: Buffer.from(text) }));
  }

  hears<T extends ServerMessage['type']>(type: T): Promise<Extract<ServerMessage, { type: T }>> {
    return this.until(() => this.messages.find(message => message.type === type)) as never;
  }

  /** Resolves with the first value that is not undefined or false, looked at whenever something arrives. */
  async until<T>(look: () => T | undefined | false): Promise<T> {
    for (;;) {
      const found = look();
      if (found !== undefined && found !== false) return found;
      if (this.socket.readyState > WebSocket.OPEN) throw new Error('the connection was closed');
      await new Promise<void>(done => this.#waiting.push(done));
    }
  }

  /** Close code. */
  async closed(): Promise<number> {
    const [code] = await once(this.socket, 'close');
    return code;
  }

  /** All bytes of a stream so far, in order. */
  text(stream: number): string {
    return Buffer.concat(
      this.frames.filter(frame => frame.stream === stream).map(({ bytes }) => bytes),
    ).toString();
  }

  leave(): void {
    this.socket.terminate();
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
