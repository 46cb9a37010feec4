/** A lab that is prepared in the background: one try at a time, told as it goes, stopped cleanly, tried again on request. */

import type { Progress } from '../../../software/builder/cache.ts';
import { KfsError } from '../../errors.ts';
import type { LabPreparation } from '../../protocol/messages.ts';
import { LabMeter, type Stage } from './lab-meter.ts';

/** How a try ended; null when nothing had to be done. */
export type LabOutcome = { ready: string } | { impossible: string; next?: string } | null;

/** What a try is given. Nothing is told before its first stage. */
export interface LabTry {
  begin(phase: string): void;
  report(progress: Progress): void;
  signal: AbortSignal;
}

export interface LabWork {
  stages: Stage[];
  run(attempt: LabTry): Promise<LabOutcome>;
}

/** Reports come by the line of a compiler: so seldom are they passed on when the percentage stays, in milliseconds. */
const REST = 1000;
/** What is asked to end gets so long before we go, in milliseconds. */
const PATIENCE = 15_000;

export class LabKeeping {
  #work: LabWork;
  #show: (state: LabPreparation | null) => void;
  #controller: AbortController | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(work: LabWork, show: (state: LabPreparation | null) => void) {
    this.#work = work;
    this.#show = show;
  }

  get working(): boolean {
    return this.#controller !== undefined;
  }

  /** Does nothing while a try goes on. */
  start(): void {
    if (this.#controller) return;
    this.#controller = new AbortController();
    this.#running = this.#try(this.#controller.signal).finally(() => {
      this.#controller = undefined;
    });
  }

  /** What is half done stays half done, and nothing more is told. */
  async stop(): Promise<void> {
    if (!this.#controller) return;
    this.#controller.abort();
    let impatient: NodeJS.Timeout | undefined;
    const late = new Promise<void>(done => {
      impatient = setTimeout(done, PATIENCE);
    });
    await Promise.race([this.#running, late]);
    clearTimeout(impatient);
  }

  async #try(signal: AbortSignal): Promise<void> {
    const tell = (state: LabPreparation | null) => {
      if (!signal.aborted) this.#show(state);
    };
    try {
      tell(stateOf(await this.#work.run(this.#attempt(signal, tell))));
    } catch (error) {
      tell(failureOf(error));
    }
  }

  #attempt(signal: AbortSignal, tell: (state: LabPreparation) => void): LabTry {
    const meter = new LabMeter(this.#work.stages);
    let last = { percent: -1, phase: '', at: 0 };
    const say = (phase: string, text: string) => {
      const measured = meter.measured();
      const now = Date.now();
      const same = measured.percent === last.percent && phase === last.phase;
      if (same && now - last.at < REST) return;
      last = { percent: measured.percent, phase, at: now };
      tell({ state: 'working', ...measured, text });
    };
    return {
      signal,
      begin: phase => {
        signal.throwIfAborted();
        meter.begin(phase);
        say(`begin ${phase}`, '');
      },
      report: progress => {
        meter.report(progress);
        say(progress.phase, progress.text);
      },
    };
  }
}

function stateOf(outcome: LabOutcome): LabPreparation | null {
  if (outcome === null) return null;
  if ('ready' in outcome) return { state: 'ready', text: outcome.ready };
  const { impossible: message, next } = outcome;
  return { state: 'failed', message, ...(next && { next }), impossible: true };
}

function failureOf(error: unknown): LabPreparation {
  const message = error instanceof Error ? error.message : String(error);
  const next = error instanceof KfsError ? error.next : undefined;
  return { state: 'failed', message, ...(next && { next }), impossible: false };
}
