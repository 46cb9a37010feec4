/** What the page's script does on its WebSocket, without a browser: asks, follows by offset, acknowledges. */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { decodeFrame, encodeFrame, FRAME } from '../../../runner/protocol/frames.ts';
import {
  ACK_EVERY,
  type Ask,
  type AskType,
  type ClientMessage,
  type Replies,
  type ServerMessage,
  SOCKET_PATH,
  SUBPROTOCOL,
  TOKEN_PREFIX,
  VERSION,
} from '../../../runner/protocol/messages.ts';

type Question<T extends AskType> = Omit<Extract<Ask, { type: T }>, 'request'> & { type: T };

/** A joined output. */
export interface Followed {
  stream: number;
  /** Bytes heard so far. */
  bytes: number;
  /** Called with each piece. */
  heard: (bytes: Uint8Array) => void;
  ended: Promise<void>;
}

interface Stream extends Followed {
  acked: number;
  /** How much slower than it could the page shows, in milliseconds before each acknowledgement. */
  slowMs: number;
  end: () => void;
}

export class Page {
  readonly #socket: WebSocket;
  readonly #replies = new Map<number, (message: ServerMessage) => void>();
  readonly #streams = new Map<number, Stream>();
  readonly #listeners = new Set<(message: ServerMessage) => void>();
  /** Output can come before the reply that tells its stream. */
  readonly #early: { stream: number; offset: number; bytes: Uint8Array }[] = [];
  #last = 0;

  private constructor(url: URL) {
    const protocols = [SUBPROTOCOL, TOKEN_PREFIX + url.hash.slice('#token='.length)];
    this.#socket = new WebSocket(`ws://${url.host}${SOCKET_PATH}`, protocols, { origin: url.origin });
    this.#socket.on('message', (data: Buffer, binary: boolean) => {
      if (binary) this.#output(decodeFrame(data)!);
      else this.#message(JSON.parse(data.toString()));
    });
  }

  static async open(address: string): Promise<Page> {
    const page = new Page(new URL(address));
    await once(page.#socket, 'open');
    const welcome = page.next(message => message.type === 'welcome');
    page.#say({ type: 'hello', version: VERSION });
    await welcome;
    return page;
  }

  async ask<T extends AskType>(question: Question<T>): Promise<Replies[T]> {
    const request = ++this.#last;
    const answered = new Promise<ServerMessage>(resolve => this.#replies.set(request, resolve));
    this.#say({ ...question, request } as unknown as ClientMessage);
    const message = await answered;
    if (message.type !== 'reply') throw new Error(`${question.type}: ${JSON.stringify(message)}`);
    return message.value as Replies[T];
  }

  /** The next message for which `wanted` holds. */
  next(wanted: (message: ServerMessage) => boolean): Promise<ServerMessage> {
    return new Promise(resolve => {
      const listener = (message: ServerMessage) => {
        if (!wanted(message)) return;
        this.#listeners.delete(listener);
        resolve(message);
      };
      this.#listeners.add(listener);
    });
  }

  /** The run that is started next. */
  async started(): Promise<string> {
    const message = await this.next(heard => heard.type === 'event' && heard.event.type === 'run.started');
    if (message.type === 'event' && message.event.type === 'run.started') return message.event.run;
    throw new Error('no run was started');
  }

  async follow(what: { run: string } | { shell: number }, slowMs = 0): Promise<Followed> {
    const { stream } =
      'run' in what
        ? await this.ask({ type: 'attach', run: what.run, offset: 0 })
        : await this.ask({ type: 'attach.shell', shell: what.shell, offset: 0 });
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    const followed: Stream = { stream, bytes: 0, acked: 0, slowMs, heard: () => {}, ended, end };
    this.#streams.set(stream, followed);
    for (const frame of this.#early.splice(0)) this.#output(frame);
    return followed;
  }

  type(stream: number, text: string): void {
    const bytes = Buffer.from(text);
    this.#socket.send(encodeFrame({ kind: FRAME.input, stream, offset: 0, bytes }));
  }

  close(): void {
    this.#socket.terminate();
  }

  #say(message: ClientMessage): void {
    this.#socket.send(JSON.stringify(message));
  }

  #message(message: ServerMessage): void {
    if ((message.type === 'reply' || message.type === 'refused') && message.request !== undefined) {
      this.#replies.get(message.request)?.(message);
      this.#replies.delete(message.request);
    } else if (message.type === 'ended') this.#streams.get(message.stream)?.end();
    for (const listener of this.#listeners) listener(message);
  }

  #output(frame: { stream: number; offset: number; bytes: Uint8Array }): void {
    const followed = this.#streams.get(frame.stream);
    if (!followed) return void this.#early.push(frame);
    followed.bytes += frame.bytes.length;
    followed.heard(frame.bytes);
    const offset = frame.offset + frame.bytes.length;
    if (offset - followed.acked < ACK_EVERY) return;
    followed.acked = offset;
    const { stream, slowMs } = followed;
    if (slowMs === 0) this.#say({ type: 'ack', stream, offset });
    else setTimeout(() => this.#say({ type: 'ack', stream, offset }), slowMs);
  }
}
