/**
 * What the server and the command line ask of the run engine. `engine.ts` implements it.
 */
import type { Manifest } from '../book/manifest.ts';
import type { ErrorCode } from '../errors.ts';
import type { Cell, Outcome, RunEvent, RunMode } from '../events.ts';
import type { Machine, Size } from '../machine/machine.ts';
import type { Plan } from '../plan/plan.ts';

export interface RunRequest {
  step: string;
  subject: string;
  /** What the asker saw; refused with `step-changed` when it is not the manifest's. */
  digest: string;
  mode: RunMode;
  /** Who asks: `page`, `cli`. */
  by: string;
  /** For `destroys`: the machine's name as typed; headless passes it after an explicit flag. */
  confirm?: string;
  size?: Size;
}

export interface RunResult {
  run: string;
  step: string;
  subject: string;
  outcome: Outcome;
  reason: string;
  durationMs: number;
  /** For programs: which kind of refusal or failure, where it has one. */
  code?: ErrorCode;
}

/** What to run: one step, a chapter's slug, a part's slug, or everything; in the book's order. */
export interface Selection {
  /** Ids of steps, slugs of chapters or parts; empty means the whole book. */
  what: string[];
  /** Start here (step id), leaving out what is above. */
  from?: string;
  /** Stop after this step ("run to here"). */
  to?: string;
  /** Only what is stale. */
  stale?: boolean;
  /** Only these subjects. */
  subjects?: string[];
}

export interface SeriesOptions {
  by: string;
  mode: RunMode;
  /** With mode `check`: look also at what was neither done nor named. */
  all?: boolean;
  /** Go on with what does not need the failed step. */
  keepGoing?: boolean;
  /** The check of each state must fail before its step, else that step fails: proves the check. */
  prove?: boolean;
  /** Every state's check must hold before; running anything is a failure: proves that a second run changes nothing. */
  twice?: boolean;
  /** Subjects whose `destroys` steps may run. */
  destroy?: string[];
  signal?: AbortSignal;
}

export interface Runner {
  manifest(): Manifest;
  /** A new manifest after the book changed on disk; cells are derived anew. */
  setManifest(manifest: Manifest): void;
  /** null while there is no plan; then only workstation steps without `for` have subjects. */
  plan(): Plan | null;
  setPlan(plan: Plan | null): void;
  /** Every cell of the matrix, in the book's order. */
  cells(): Cell[];
  cell(step: string, subject: string): Cell | undefined;
  /** Environment a step sees for a subject: what `kfs plan env` and "show values" print. */
  environment(step: string, subject: string): Record<string, string>;
  /** Cells that would become stale under another plan. */
  staleUnder(plan: Plan): Cell[];
  /**
   * Events as they happen; after the journal has them. `cell` is the state after the event. Returns the
   * unsubscribe. A listener that takes long over output falls behind and misses pieces of it (the offsets show
   * the gap, `transcript` has the bytes); every other event reaches it, in order.
   */
  subscribe(listener: (event: RunEvent, cell: Cell | undefined) => void | Promise<void>): () => void;
  /** Runs one cell. Never rejects for what can go wrong with a run: the outcome says it. */
  run(request: RunRequest): Promise<RunResult>;
  /** Runs in order, each step on all its subjects in parallel up to a limit. */
  series(selection: Selection, options: SeriesOptions): Promise<RunResult[]>;
  /** What `series` would run: for `--dry-run` and for confirmation. */
  preview(selection: Selection): { step: string; subject: string; destroys?: string }[];
  stop(run: string, force: boolean): Promise<void>;
  input(run: string, bytes: Uint8Array): Promise<void>;
  resize(run: string, size: Size): Promise<void>;
  /** The person did what the step asks for. */
  handsDone(run: string): void;
  /** Accepts a changed text or input without running it. */
  accept(step: string, subject: string, digest: string): void;
  /** Finds jobs that earlier runners left on the hosts, re-joins or collects them. Runs in the background once started. */
  resume(): Promise<void>;
  /** Bytes of a run's transcript from an offset on; live runs too (what is there now). */
  transcript(
    run: string,
    offset?: number,
    length?: number,
  ): { bytes: Uint8Array; total: number; complete: boolean };
  machine(name: string): Machine;
  /** Lets running jobs run; closes links and journal. */
  close(): Promise<void>;
}
