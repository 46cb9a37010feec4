/**
 * Keeps a channel ready, so that a request does not wait for a process to start on both sides. That is most of
 * what a short step would cost.
 */
import type { Channel } from './channel.ts';

/**
 * Ready channels: a run takes three at its beginning, for the machine's facts, its lock and the job. Not more, since
 * each is one of the ten sessions that sshd allows a connection by default, and terminals are such sessions too.
 */
const KEPT = 3;
/** After the last request, milliseconds: making a channel must not slow down the step that has just begun. */
const PAUSE_MS = 60;

export class Spare {
  readonly #make: () => Promise<Channel>;
  #kept: Promise<Channel>[] = [];
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(make: () => Promise<Channel>) {
    this.#make = make;
  }

  async take(): Promise<Channel> {
    this.#refillLater();
    for (let kept = this.#kept.shift(); kept; kept = this.#kept.shift()) {
      const channel = await kept.catch(() => undefined);
      if (channel && !channel.closed) return channel;
    }
    return this.#make();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    for (const kept of this.#kept) {
      kept.then(
        channel => channel.end(),
        () => {},
      );
    }
    this.#kept = [];
  }

  #refillLater(): void {
    clearTimeout(this.#timer);
    if (!this.#closed) this.#timer = setTimeout(() => this.#refill(), PAUSE_MS).unref();
  }

  /** A failure is not told now: the next request meets it again. */
  #refill(): void {
    while (this.#kept.length < KEPT) {
      const made = this.#make();
      made.catch(() => {});
      this.#kept.push(made);
    }
  }
}
