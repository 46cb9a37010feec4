/** From the progress of single stages to the percentage and the time left of the whole. */
import type { Progress } from '../../../software/builder/cache.ts';

export interface Stage {
  /** Phase of the reports that count for its share; others only lend their text. */
  phase: string;
  /** In words, for the reader. */
  what: string;
  /** What it takes on two cores when nothing is in the cache, in seconds. */
  expected: number;
}

export interface Measured {
  what: string;
  percent: number;
  leftMs?: number;
}

/** Below this share of a stage, what it took so far says nothing of its pace. */
const TELLING = 0.03;

export class LabMeter {
  #stages: Stage[];
  #now: () => number;
  #at = -1;
  #share = 0;
  #begun = 0;

  constructor(stages: Stage[], now: () => number = Date.now) {
    this.#stages = stages;
    this.#now = now;
  }

  /** Everything before this stage is done. */
  begin(phase: string): void {
    this.#at = this.#stages.findIndex(stage => stage.phase === phase);
    this.#share = 0;
    this.#begun = this.#now();
  }

  report({ phase, done, total }: Pick<Progress, 'phase' | 'done' | 'total'>): void {
    if (phase !== this.#stages[this.#at]?.phase || total <= 0) return;
    this.#share = Math.max(this.#share, Math.min(1, done / total));
  }

  /** Never goes back; 100 is for those who know that all is done. */
  measured(): Measured {
    const all = sum(this.#stages);
    const stage = this.#stages[this.#at];
    if (!stage) return { what: this.#stages[0]?.what ?? '', percent: 0 };
    const spent = sum(this.#stages.slice(0, this.#at)) + this.#share * stage.expected;
    const percent = Math.min(99, Math.floor((100 * spent) / all));
    if (this.#share < TELLING) return { what: stage.what, percent };
    const pace = (this.#now() - this.#begun) / (this.#share * stage.expected);
    return { what: stage.what, percent, leftMs: Math.round(pace * (all - spent)) };
  }
}

const sum = (stages: Stage[]): number => stages.reduce((total, { expected }) => total + expected, 0);
