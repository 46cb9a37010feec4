/** What does a person's work where there is none: the lab, a management controller. */
import type { Step } from '../book/manifest.ts';

export interface PowerDriver {
  /** Recorded as who did it. */
  readonly name: string;
  /** Does what the step asks of a person, for this machine; rejects when it cannot. */
  perform(step: Step, machine: string, signal: AbortSignal): Promise<void>;
}
