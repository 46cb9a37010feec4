/** What the pages know of the lab that is made ready behind the book, and their one word on it: try again. */
import type { LabPreparation } from '../protocol/messages.ts';
import { Refused } from './refused.ts';

export class LabDesk {
  /** What a page that comes now is told. */
  now: LabPreparation | undefined;
  /** Begins anew; set by whoever prepares. */
  retry: (() => void) | undefined;
  #broadcast: (lab: LabPreparation | null) => void;

  constructor(broadcast: (lab: LabPreparation | null) => void) {
    this.#broadcast = broadcast;
  }

  /** null: there is nothing to tell (any more). */
  show(lab: LabPreparation | null): void {
    this.now = lab === null || lab.state === 'ready' ? undefined : lab;
    this.#broadcast(lab);
  }

  again(): void {
    if (this.now?.state !== 'failed' || !this.retry) {
      throw new Refused('refused', 'There is no lab whose preparation has failed.');
    }
    this.retry();
  }
}
