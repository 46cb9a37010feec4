/**
 * One connected page: hello first, then requests. What is sent is bounded: output by its pumps, everything
 * else by `MOST_QUEUED`; a page that does not read is cut off and joins again where it was.
 */
import type { WebSocket } from 'ws';
import { encodeFrame, FRAME } from '../protocol/frames.ts';
import { CLOSE, type ClientMessage, type ServerMessage, VERSION } from '../protocol/messages.ts';
import { type Parsed, parseBinary, parseText } from '../protocol/parse.ts';
import type { Hub, Page } from './hub.ts';
import { type Outlet, Pump } from './pump.ts';
import { describe, Refused } from './refused.ts';
import { answer, type Services } from './requests.ts';
import type { Source } from './source.ts';

/** Bytes in the socket above which output waits. */
const ROOMY = 1024 * 1024;
/** Bytes in the socket above which the page is taken for asleep. */
const MOST_QUEUED = 16 * 1024 * 1024;
const MOST_STREAMS = 200;
/** Messages that make no sense before the page is cut off: a bug or an attack, not a reader. */
const MOST_MALFORMED = 20;
const HELLO_WITHIN = 10_000;

export class Client implements Page, Outlet {
  readonly hub: Hub;
  #socket: WebSocket;
  #services: Services;
  #pumps = new Map<number, Pump>();
  #lastStream = 0;
  #greeted = false;
  #malformed = 0;
  #timer: NodeJS.Timeout;

  constructor(socket: WebSocket, services: Services) {
    this.hub = services.hub;
    this.#socket = socket;
    this.#services = services;
    this.#timer = setTimeout(() => socket.close(CLOSE.version, 'no hello'), HELLO_WITHIN);
    socket.binaryType = 'nodebuffer';
    socket.on('message', (data, binary) => this.#receive(data as Buffer, binary));
    socket.on('close', () => this.#close());
    // An error is always followed by close; oversize messages end here with 1009.
    socket.on('error', () => {});
  }

  send(message: ServerMessage): void {
    if (this.#tooSlow()) return;
    this.#socket.send(JSON.stringify(message));
  }

  roomy(): boolean {
    return this.#socket.readyState === this.#socket.OPEN && this.#socket.bufferedAmount < ROOMY;
  }

  output(stream: number, offset: number, bytes: Uint8Array): void {
    const frame = encodeFrame({ kind: FRAME.output, stream, offset, bytes });
    this.#socket.send(frame, () => {
      if (this.roomy()) this.#pumps.get(stream)?.kick();
    });
  }

  ended(stream: number, offset: number): void {
    this.send({ type: 'ended', stream, offset });
  }

  /** Joins a source; the page learns the stream's number before its first byte. */
  attach(source: Source, offset: number): { stream: number; offset: number } {
    if (this.#pumps.size >= MOST_STREAMS)
      throw new Refused('too-many', 'This page follows too many outputs.');
    const stream = ++this.#lastStream;
    const pump = new Pump(stream, source, offset, this);
    this.#pumps.set(stream, pump);
    setImmediate(() => pump.kick());
    return { stream, offset };
  }

  #receive(data: Buffer, binary: boolean): void {
    const parsed = binary ? parseBinary(data) : parseText(data.toString());
    if (!parsed.ok) this.#refuseMalformed(parsed);
    else if (!this.#greeted) this.#greet(parsed);
    else if ('input' in parsed) this.#input(parsed.input.stream, parsed.input.bytes);
    else this.#dispatch(parsed.message);
  }

  #greet(parsed: Extract<Parsed, { ok: true }>): void {
    if (!('message' in parsed) || parsed.message.type !== 'hello') {
      this.#socket.close(CLOSE.malformed, 'hello first');
    } else if (parsed.message.version !== VERSION) {
      const message = `This page speaks version ${parsed.message.version} of the protocol, the runner ${VERSION}.`;
      this.send({ type: 'refused', reason: 'bad-version', message, next: 'Reload the page.' });
      this.#socket.close(CLOSE.version, 'version');
    } else {
      clearTimeout(this.#timer);
      this.#greeted = true;
      this.send(this.hub.welcome());
      this.hub.pages.add(this);
    }
  }

  #dispatch(message: ClientMessage): void {
    if (message.type === 'hello') return;
    if (message.type === 'ack') this.#pumps.get(message.stream)?.ack(message.offset);
    else if (message.type === 'detach') this.#detach(message.stream);
    else if (message.type === 'resize')
      this.#quietly(this.#pumps.get(message.stream)?.source.resize(message.size));
    else void this.#answer(message);
  }

  async #answer(message: Extract<ClientMessage, { request: number }>): Promise<void> {
    const { request } = message;
    try {
      const value = await answer(this.#services, this, message);
      this.send({ type: 'reply', request, value });
    } catch (error) {
      this.send({ type: 'refused', request, ...describe(error) });
    }
  }

  #input(stream: number, bytes: Uint8Array): void {
    const pump = this.#pumps.get(stream);
    if (pump) this.#quietly(pump.source.input(bytes));
    else this.send({ type: 'refused', reason: 'stream-unknown', message: `No stream ${stream}.` });
  }

  /** Input that comes after the end has nowhere to go, and needs no answer. */
  #quietly(work: Promise<void> | undefined): void {
    work?.catch((error: unknown) => this.send({ type: 'refused', ...describe(error) }));
  }

  #detach(stream: number): void {
    this.#pumps.get(stream)?.close();
    this.#pumps.delete(stream);
  }

  #refuseMalformed({ request, problem }: Extract<Parsed, { ok: false }>): void {
    const of = request === undefined ? {} : { request };
    this.send({ type: 'refused', ...of, reason: 'bad-message', message: problem });
    if (++this.#malformed > MOST_MALFORMED) this.#socket.close(CLOSE.malformed, 'malformed');
  }

  #tooSlow(): boolean {
    if (this.#socket.readyState !== this.#socket.OPEN) return true;
    if (this.#socket.bufferedAmount < MOST_QUEUED) return false;
    // A close frame would queue behind all that is not read.
    this.#socket.terminate();
    return true;
  }

  #close(): void {
    clearTimeout(this.#timer);
    this.hub.pages.delete(this);
    for (const stream of [...this.#pumps.keys()]) this.#detach(stream);
  }
}
