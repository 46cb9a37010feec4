/** Waits that grow: soon at first, then less and less often. */
import { setTimeout as sleep } from 'node:timers/promises';

export class Backoff {
  readonly #first: number;
  readonly #most: number;
  #next: number;

  constructor(first: number, most: number) {
    this.#first = first;
    this.#most = most;
    this.#next = first;
  }

  reset(): void {
    this.#next = this.#first;
  }

  /** Waits its time, or `least` if that is longer, but at most `limit` milliseconds; not at all once it is aborted. */
  async wait(signal: AbortSignal, limit = Number.POSITIVE_INFINITY, least = 0): Promise<void> {
    const milliseconds = Math.min(Math.max(this.#next, least), limit);
    this.#next = Math.min(this.#next * 1.6, this.#most);
    await sleep(milliseconds, undefined, { signal }).catch(() => {});
  }
}
