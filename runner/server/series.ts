/** "Run chapter", "run to here", "run what is stale": one at a time, seen by every page, ended by any. */
import { isGood } from '../events.ts';
import type { SeriesInfo } from '../protocol/messages.ts';
import type { Runner, Selection } from '../run/runner.ts';
import { Refused } from './refused.ts';

export class Series {
  #runner: Runner;
  #changed: (series: SeriesInfo) => void;
  #current: { info: SeriesInfo; abort: AbortController } | undefined;
  #last = 0;

  constructor(runner: Runner, changed: (series: SeriesInfo) => void) {
    this.#runner = runner;
    this.#changed = changed;
  }

  list(): SeriesInfo[] {
    return this.#current ? [this.#current.info] : [];
  }

  start(selection: Selection, title: string, destroy: string[]): number {
    if (this.#current)
      throw new Refused('busy', `“${this.#current.info.title}” is still running.`, 'Stop it first.');
    const planned = this.#runner.preview(selection);
    const unconfirmed = planned.find(({ destroys, subject }) => destroys && !destroy.includes(subject));
    if (unconfirmed) {
      const { step, subject } = unconfirmed;
      throw new Refused(
        'confirmation-missing',
        `Step ${step} destroys something on ${subject}; type that name.`,
      );
    }
    const info: SeriesInfo = {
      id: ++this.#last,
      title,
      total: planned.length,
      done: 0,
      failed: 0,
      state: 'running',
    };
    const abort = new AbortController();
    this.#current = { info, abort };
    this.#changed({ ...info });
    void this.#follow(selection, destroy, info, abort.signal);
    return info.id;
  }

  stop(id: number): void {
    if (this.#current?.info.id !== id) throw new Refused('run-unknown', 'That series has ended already.');
    this.#current.info.state = 'stopping';
    this.#changed({ ...this.#current.info });
    this.#current.abort.abort();
  }

  /** The runner ends: nothing further is started; what runs goes on. */
  stopAll(): void {
    this.#current?.abort.abort();
  }

  async #follow(
    selection: Selection,
    destroy: string[],
    info: SeriesInfo,
    signal: AbortSignal,
  ): Promise<void> {
    const mine = new Set(this.#runner.preview(selection).map(({ step, subject }) => `${step} ${subject}`));
    const runs = new Map<string, string>();
    const unsubscribe = this.#runner.subscribe(event => {
      if (event.type === 'run.started') runs.set(event.run, `${event.step} ${event.subject}`);
      if (event.type !== 'run.finished' || !mine.delete(runs.get(event.run) ?? '')) return;
      info.done++;
      if (!isGood(event.outcome)) info.failed++;
      this.#changed({ ...info });
    });
    try {
      const mode = selection.stale ? 'force' : 'run';
      await this.#runner.series(selection, { by: 'page', mode, destroy, signal });
    } catch {
      // A series that could not go on has said so by its steps' events.
      info.failed++;
    } finally {
      unsubscribe();
      info.state = 'ended';
      this.#current = undefined;
      this.#changed({ ...info });
    }
  }
}
