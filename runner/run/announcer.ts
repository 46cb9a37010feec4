/**
 * Hands events to subscribers, each in order. A subscriber may take its time over output, and the run waits a
 * little for it; one that takes longer falls behind and is left out of output until it has caught up: the
 * offsets show the gap, the transcript has the bytes. All other events reach every subscriber, always.
 */
import type { Cell, RunEvent } from '../events.ts';

export type Listener = (event: RunEvent, cell: Cell | undefined) => void | Promise<void>;

/** How long a piece of output waits for its subscribers, in milliseconds, and how long the end of a run does. */
const PATIENCE = 50;
const LAST_PATIENCE = 2000;

class Subscriber {
  readonly #listener: Listener;
  #queue: [RunEvent, Cell | undefined][] = [];
  #drained: Promise<void> | undefined;
  behind = false;
  /** It did not even take the end of a run in time: nobody waits for it any more until it has caught up. */
  stuck = false;
  closed = false;

  constructor(listener: Listener) {
    this.#listener = listener;
  }

  /** Resolves when it has taken everything so far; undefined when it has already. */
  push(event: RunEvent, cell: Cell | undefined): Promise<void> | undefined {
    if (event.type === 'run.output' && this.behind) return undefined;
    if (this.#drained) {
      this.#queue.push([event, cell]);
      return this.#drained;
    }
    const taken = this.#call(event, cell);
    if (!taken) return undefined;
    this.#drained = taken.then(() => this.#drain());
    return this.#drained;
  }

  async #drain(): Promise<void> {
    for (let next = this.#queue.shift(); next; next = this.#queue.shift()) await this.#call(...next);
    this.#drained = undefined;
    this.behind = false;
    this.stuck = false;
  }

  /** A subscriber's own fault ends no run. */
  #call(event: RunEvent, cell: Cell | undefined): Promise<void> | undefined {
    if (this.closed) return undefined;
    try {
      return this.#listener(event, cell)?.catch(report);
    } catch (error) {
      report(error);
      return undefined;
    }
  }
}

export class Announcer {
  readonly #subscribers = new Set<Subscriber>();

  subscribe(listener: Listener): () => void {
    const subscriber = new Subscriber(listener);
    this.#subscribers.add(subscriber);
    return () => {
      subscriber.closed = true;
      this.#subscribers.delete(subscriber);
    };
  }

  /** Resolves when all have taken it, or have had their time. */
  async announce(event: RunEvent, cell: Cell | undefined): Promise<void> {
    const waits = [...this.#subscribers].flatMap(subscriber => {
      const taken = subscriber.push(event, cell);
      return taken && !subscriber.stuck ? [{ subscriber, taken }] : [];
    });
    if (waits.length === 0) return;
    const isEnd = event.type === 'run.finished';
    const late = (subscriber: Subscriber) => {
      subscriber.behind = true;
      subscriber.stuck = isEnd;
    };
    const patience = isEnd ? LAST_PATIENCE : PATIENCE;
    await Promise.all(waits.map(({ subscriber, taken }) => within(taken, patience, () => late(subscriber))));
  }
}

async function within(work: Promise<void>, milliseconds: number, late: () => void): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>(resolve => {
    timer = setTimeout(() => {
      late();
      resolve();
    }, milliseconds);
  });
  await Promise.race([work, limit]);
  clearTimeout(timer);
}

function report(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error));
}
