/** One run while it goes on: what its phases share, and how it is stopped. */
import type { Step } from '../book/manifest.ts';
import type { ErrorCode } from '../errors.ts';
import type { Outcome, RunMode } from '../events.ts';
import type { Machine, Size } from '../machine/machine.ts';
import type { Stay } from './hosts.ts';

/** How a run ends. */
export interface Verdict {
  outcome: Outcome;
  reason: string;
  /** For programs: which kind of refusal or failure. Not kept in the journal. */
  code?: ErrorCode;
}

/** The runner is closing: the run goes on where it is, and the next start finds it. */
export class Detached extends Error {}

/** The link has been gone for longer than we wait. */
export class LinkLost extends Error {}

export interface ActiveFields {
  run: string;
  step: Step;
  subject: string;
  mode: RunMode;
  stay: Stay;
  /** What script and checks see. */
  env: Record<string, string>;
  size: Size;
  /** Milliseconds since the epoch. */
  startedAt: number;
  /** Aborted when the runner closes. */
  detached: AbortSignal;
}

export class ActiveRun {
  readonly fields: ActiveFields;
  /** The job is on its host: input, sizes and Stop go there. */
  onHost = false;
  /** The machine did not answer at the beginning: for a step that a person does, that is no reason to wait. */
  away = false;
  #stopWanted = false;
  /** Set while a person is waited for; called with who did it. */
  handsDone: ((by: string) => void) | undefined;
  /** Told of new sizes, for the recording. */
  resized: ((size: Size) => void) | undefined;
  readonly #stop = new AbortController();

  constructor(fields: ActiveFields) {
    this.fields = fields;
  }

  get run(): string {
    return this.fields.run;
  }
  get step(): Step {
    return this.fields.step;
  }
  get subject(): string {
    return this.fields.subject;
  }
  get machine(): Machine {
    return this.fields.stay.machine;
  }
  /** Where it runs, in words for a reason. */
  get host(): string {
    return this.machine.name;
  }

  /** For waiting and looking, never for what runs on a host: aborted by Stop and when the runner closes. */
  get signal(): AbortSignal {
    return AbortSignal.any([this.#stop.signal, this.fields.detached]);
  }

  get stopped(): boolean {
    return this.#stop.signal.aborted;
  }

  /** Ends the job, politely or not; a run that only waits or looks ends at once. */
  async stop(force: boolean): Promise<void> {
    this.#stopWanted = true;
    if (this.onHost) await this.machine.stop(this.run, force);
    else this.#stop.abort();
  }

  /** The job has ended. A Stop that came too late for it ends what would follow. */
  leaveHost(): void {
    this.onHost = false;
    if (this.#stopWanted) this.#stop.abort();
  }

  /** The verdict of a run that was stopped while it waited; throws `Detached` when the runner closes. */
  heed(): Verdict | undefined {
    if (this.fields.detached.aborted) throw new Detached();
    return this.stopped ? { outcome: 'stopped', reason: 'stopped by the reader' } : undefined;
  }
}
