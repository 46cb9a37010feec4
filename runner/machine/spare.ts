/**
 * Keeps one channel ready, so that a request does not wait for a process to start on both sides. That is most
 * of what a short step costs.
 */
import type { Channel } from './channel.ts';

export class Spare {
  readonly #make: () => Promise<Channel>;
  #next: Promise<Channel> | undefined;
  #closed = false;

  constructor(make: () => Promise<Channel>) {
    this.#make = make;
  }

  async take(): Promise<Channel> {
    const kept = this.#next;
    this.#next = undefined;
    const channel = (await kept?.catch(() => undefined)) ?? undefined;
    const usable = channel && !channel.closed ? channel : await this.#make();
    this.#keep();
    return usable;
  }

  close(): void {
    this.#closed = true;
    const kept = this.#next;
    this.#next = undefined;
    kept?.then(
      channel => channel.end(),
      () => {},
    );
  }

  /** A failure is not told now: the next `take` meets it again. */
  #keep(): void {
    if (this.#closed || this.#next) return;
    this.#next = this.#make();
    this.#next.catch(() => {});
  }
}
