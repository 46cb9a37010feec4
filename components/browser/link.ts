/**
 * The one connection of this page to the runner. Requests fail at once while it is down: nothing is queued, so
 * that coming back never starts a command. What is followed is joined again where it was.
 */
import { decodeFrame, encodeFrame, FRAME } from '../../runner/protocol/frames.ts';
import {
  type Ask,
  type AskType,
  CLOSE,
  type ClientMessage,
  HELLO_PATH,
  type Refusal,
  type Replies,
  type ServerMessage,
  SOCKET_PATH,
  SUBPROTOCOL,
  TOKEN_PREFIX,
  VERSION,
} from '../../runner/protocol/messages.ts';
import { Follow, type Followed, type Viewer } from './follow.ts';

/** `on`: the welcome has come. `waiting`: it was lost, or is not there yet; tried again. The rest is final. */
export type LinkState = 'connecting' | 'on' | 'waiting' | 'token-wrong' | 'outdated' | 'no-runner';

export class RefusedError extends Error {
  readonly reason: Refusal | 'offline';
  readonly next: string | undefined;

  constructor(reason: Refusal | 'offline', message: string, next?: string) {
    super(message);
    this.reason = reason;
    this.next = next;
  }
}

export type Question<T extends AskType> = Omit<Extract<Ask, { type: T }>, 'request'> & { type: T };

const FIRST_WAIT = 250;
const LONGEST_WAIT = 8000;

export class Link {
  state: LinkState = 'connecting';
  readonly token: string;
  #heard: (message: ServerMessage) => void;
  #moved: (state: LinkState) => void;
  #socket: WebSocket | undefined;
  #waiting = new Map<number, { done: (value: never) => void; fail: (error: Error) => void }>();
  #follows = new Set<Follow>();
  #streams = new Map<number, Follow>();
  #lastRequest = 0;
  #wait = FIRST_WAIT;
  #timer: number | undefined;

  constructor(token: string, heard: (message: ServerMessage) => void, moved: (state: LinkState) => void) {
    this.token = token;
    this.#heard = heard;
    this.#moved = moved;
    addEventListener('online', () => this.#hurry());
    document.addEventListener('visibilitychange', () => document.hidden || this.#hurry());
    this.#connect();
  }

  ask<T extends AskType>(question: Question<T>): Promise<Replies[T]> {
    if (this.state !== 'on')
      return Promise.reject(new RefusedError('offline', 'The runner is not connected.'));
    const request = ++this.#lastRequest;
    return new Promise((done, fail) => {
      this.#waiting.set(request, { done: done as (value: never) => void, fail });
      this.tell({ ...question, request } as unknown as ClientMessage);
    });
  }

  tell(message: ClientMessage): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  input(stream: number, bytes: Uint8Array): void {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    this.#socket.send(encodeFrame({ kind: FRAME.input, stream, offset: 0, bytes }));
  }

  follow(what: Followed, viewer: Viewer, offset?: number): Follow {
    const follow = new Follow(this, what, viewer, offset);
    this.#follows.add(follow);
    if (this.state === 'on') void follow.join();
    return follow;
  }

  bind(stream: number, follow: Follow): void {
    this.#streams.set(stream, follow);
  }

  unfollow(follow: Follow): void {
    this.#follows.delete(follow);
    for (const [stream, other] of this.#streams) if (other === follow) this.#streams.delete(stream);
  }

  /** A fetch with the token, for what is downloaded. */
  fetch(path: string): Promise<Response> {
    return fetch(path, { headers: { authorization: `Bearer ${this.token}` }, cache: 'no-store' });
  }

  #connect(): void {
    clearTimeout(this.#timer);
    const url = new URL(SOCKET_PATH, location.href);
    url.protocol = 'ws:';
    const socket = new WebSocket(url, [SUBPROTOCOL, TOKEN_PREFIX + this.token]);
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    let opened = false;
    socket.addEventListener('open', () => {
      opened = true;
      this.tell({ type: 'hello', version: VERSION });
    });
    socket.addEventListener('message', ({ data }) => this.#receive(data));
    socket.addEventListener('close', ({ code }) => void this.#lost(opened, code));
  }

  #receive(data: string | ArrayBuffer): void {
    if (typeof data === 'string') {
      this.#message(JSON.parse(data) as ServerMessage);
      return;
    }
    const frame = decodeFrame(new Uint8Array(data));
    if (frame) this.#streams.get(frame.stream)?.receive(frame.offset, frame.bytes);
  }

  #message(message: ServerMessage): void {
    // Connected before anyone hears of it: who hears may ask at once.
    if (message.type === 'welcome') this.#move('on');
    if (message.type === 'reply') this.#settle(message.request)?.done(message.value as never);
    else if (message.type === 'refused' && message.request !== undefined) {
      this.#settle(message.request)?.fail(new RefusedError(message.reason, message.message, message.next));
    } else if (message.type === 'ended') this.#streams.get(message.stream)?.end();
    else this.#heard(message);
    if (message.type === 'welcome') this.#welcome();
  }

  #welcome(): void {
    this.#wait = FIRST_WAIT;
    for (const follow of this.#follows) void follow.join();
  }

  #settle(request: number) {
    const waiting = this.#waiting.get(request);
    this.#waiting.delete(request);
    return waiting;
  }

  async #lost(opened: boolean, code: number): Promise<void> {
    this.#streams.clear();
    for (const { fail } of this.#waiting.values())
      fail(new RefusedError('offline', 'The connection was lost.'));
    this.#waiting.clear();
    if (code === CLOSE.version) return this.#move('outdated');
    this.#move('waiting');
    // The browser does not say why a handshake was refused: ask.
    const verdict = opened ? undefined : await this.#why();
    if (verdict) return this.#move(verdict);
    const wait = this.#wait * (0.75 + Math.random() / 2);
    this.#wait = Math.min(LONGEST_WAIT, this.#wait * 2);
    this.#timer = setTimeout(() => this.#connect(), wait);
  }

  async #why(): Promise<LinkState | undefined> {
    try {
      const { status } = await this.fetch(HELLO_PATH);
      if (status === 401) return 'token-wrong';
      if (status === 404) return 'no-runner';
    } catch {
      // Not there: it may come back.
    }
    return undefined;
  }

  /** The laptop woke up, or the reader looks again: try now rather than later. */
  #hurry(): void {
    if (this.state !== 'waiting' || this.#socket?.readyState !== WebSocket.CLOSED) return;
    this.#wait = FIRST_WAIT;
    this.#connect();
  }

  #move(state: LinkState): void {
    if (state === this.state) return;
    this.state = state;
    this.#moved(state);
  }
}
