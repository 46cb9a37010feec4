/**
 * Following one output by offset, over every loss of the connection: what was shown is acknowledged, what is
 * new is asked for from the last byte on. It starts nothing, ever.
 */
import { ACK_EVERY, MAX_INPUT, type Size } from '../../runner/protocol/messages.ts';
import type { Link } from './link.ts';

export type Followed = { run: string; last?: number } | { shell: number };

export interface Viewer {
  /** `done` is called when the bytes are on the screen. `gap` says that bytes before them were given up. */
  write(bytes: Uint8Array, done: () => void, gap: boolean): void;
  ended?(): void;
  /** It cannot be followed (any more): unknown run, closed terminal. */
  failed?(message: string): void;
}

export class Follow {
  readonly what: Followed;
  #link: Link;
  #viewer: Viewer;
  #stream: number | undefined;
  /** Next byte to receive, and how far it is shown and acknowledged. */
  #offset: number | undefined;
  #acked = 0;
  #over = false;
  #size: Size | undefined;

  constructor(link: Link, what: Followed, viewer: Viewer, offset?: number) {
    this.#link = link;
    this.what = what;
    this.#viewer = viewer;
    this.#offset = offset;
  }

  /** Called by the link, now or when it is connected (again). */
  async join(): Promise<void> {
    if (this.#over) return;
    this.#stream = undefined;
    try {
      const { stream, offset } = await this.#ask();
      if (this.#over) return this.#link.tell({ type: 'detach', stream });
      this.#stream = stream;
      this.#offset = offset;
      this.#acked = offset;
      this.#link.bind(stream, this);
      if (this.#size) this.resize(this.#size);
    } catch (error) {
      if ((error as { reason?: string }).reason !== 'offline')
        this.#viewer.failed?.((error as Error).message);
    }
  }

  /** A piece arrived. */
  receive(offset: number, bytes: Uint8Array): void {
    const gap = offset !== this.#offset;
    const end = offset + bytes.length;
    const stream = this.#stream;
    this.#offset = end;
    this.#viewer.write(bytes, () => this.#shown(stream, end), gap);
  }

  end(): void {
    this.#over = true;
    this.#link.unfollow(this);
    this.#viewer.ended?.();
  }

  send(bytes: Uint8Array): void {
    if (this.#stream === undefined) return;
    for (let at = 0; at < bytes.length; at += MAX_INPUT) {
      this.#link.input(this.#stream, bytes.subarray(at, at + MAX_INPUT));
    }
  }

  resize(size: Size): void {
    if (this.#over) return;
    this.#size = size;
    if (this.#stream !== undefined) this.#link.tell({ type: 'resize', stream: this.#stream, size });
  }

  close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#link.unfollow(this);
    if (this.#stream !== undefined) this.#link.tell({ type: 'detach', stream: this.#stream });
  }

  #ask(): Promise<{ stream: number; offset: number }> {
    const { what } = this;
    if ('shell' in what) {
      return this.#link.ask({ type: 'attach.shell', shell: what.shell, offset: this.#offset ?? 0 });
    }
    const from =
      this.#offset !== undefined
        ? { offset: this.#offset }
        : what.last !== undefined
          ? { last: what.last }
          : {};
    return this.#link.ask({ type: 'attach', run: what.run, ...from });
  }

  #shown(stream: number | undefined, end: number): void {
    // The stream's number is new after each reconnect: what was shown of an old one is known by its offset.
    if (stream === undefined || stream !== this.#stream || end - this.#acked < ACK_EVERY) return;
    this.#acked = end;
    this.#link.tell({ type: 'ack', stream, offset: end });
  }
}
