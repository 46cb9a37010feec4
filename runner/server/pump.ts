/**
 * Sends a source to one page, by offset. What the page has not acknowledged is bounded by `WINDOW` and what
 * the socket holds by `roomy`; the rest stays where it is (transcript, ring of the shell). So a slow page
 * falls behind and costs the runner nothing, and a fast one gets every byte.
 */
import { WINDOW } from '../protocol/messages.ts';
import type { Reader, Source } from './source.ts';

const PIECE = 64 * 1024;

/** What a pump needs of its page. */
export interface Outlet {
  /** False while the socket holds enough. */
  roomy(): boolean;
  output(stream: number, offset: number, bytes: Uint8Array): void;
  ended(stream: number, offset: number): void;
}

export class Pump implements Reader {
  readonly stream: number;
  readonly source: Source;
  #outlet: Outlet;
  #sent: number;
  #acked: number;
  #done = false;

  constructor(stream: number, source: Source, offset: number, outlet: Outlet) {
    this.stream = stream;
    this.source = source;
    this.#sent = offset;
    this.#acked = offset;
    this.#outlet = outlet;
    source.readers.add(this);
  }

  get acked(): number {
    return this.#acked;
  }

  kick(): void {
    while (!this.#done && this.#outlet.roomy()) {
      const room = WINDOW - (this.#sent - this.#acked);
      if (room <= 0) return;
      const { offset, bytes } = this.source.read(this.#sent, Math.min(PIECE, room));
      if (bytes.length === 0) {
        if (this.source.ended()) this.#finish();
        return;
      }
      // Bytes that were given up count as shown: the page learns of the gap from the offset.
      if (offset > this.#sent) this.#acked = Math.max(this.#acked, offset);
      this.#sent = offset + bytes.length;
      this.#outlet.output(this.stream, offset, bytes);
    }
  }

  /** Offsets only grow, and never beyond what was sent. */
  ack(offset: number): void {
    if (offset <= this.#acked || offset > this.#sent) return;
    this.#acked = offset;
    this.source.acknowledged();
    this.kick();
  }

  close(): void {
    this.#done = true;
    this.source.readers.delete(this);
    this.source.acknowledged();
  }

  #finish(): void {
    this.#done = true;
    this.#outlet.ended(this.stream, this.#sent);
  }
}
