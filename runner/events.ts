/**
 * The one list of facts. The run engine emits these; journal, protocol and command-line report are sinks with
 * one function per kind. State is derived from them, never stored.
 *
 * A *cell* is one step for one subject: a machine of the plan, or `workstation`. A step `on="workstation"
 * for="role"` executes on the workstation and its subjects are the machines of that role.
 */
import type { StepKind } from './book/manifest.ts';

/** Why a run ended; decided once, where it happened. */
export type Outcome =
  | 'proven' // the check held before: proven, not run
  | 'done' // ran, and its check holds (show, gate: exit 0)
  | 'failed' // exit status other than 0
  | 'check-failed' // ran with status 0, but its check does not hold within `settle`
  | 'timeout'
  | 'stopped' // by the reader
  | 'interrupted' // the machine restarted under it
  | 'lost' // the connection is gone; it goes on there
  | 'refused'; // never started: a need is not proven, the machine is locked or unreachable …

/** Whether a run has ended well: it ran and its check holds, or there was nothing to do. */
export const isGood = (outcome: Outcome): boolean => outcome === 'done' || outcome === 'proven';

export type RunMode =
  | 'run' // check first, run only when needed
  | 'force' // run even if the check holds (stale, or asked for)
  | 'check'; // only look: a re-check

interface Common {
  /** Milliseconds since the epoch, of the runner's clock. */
  at: number;
}
interface OfRun extends Common {
  /** Id of the run, sortable by time; also the name of its spool and transcript. */
  run: string;
}

export interface RunStarted extends OfRun {
  type: 'run.started';
  step: string;
  kind: StepKind;
  subject: string;
  /** Machine-id of the subject if it is known, else `plan:<name>`; `workstation` for the workstation. */
  identity: string;
  /** Digest of the step as run. */
  digest: string;
  /** Values of the variables that the step uses, by name; the journal keeps them for staleness. No secrets by lint. */
  inputs: Record<string, string>;
  mode: RunMode;
  /** Who asked: `page`, `cli`, `lab`. */
  by: string;
}
/** The step runs on its host under the supervisor from here on; it survives us. */
export interface RunShipped extends OfRun {
  type: 'run.shipped';
  bootId: string;
}
/** Output as it arrives. Not journaled: the transcript holds the bytes. */
export interface RunOutput extends OfRun {
  type: 'run.output';
  /** Offset of the first byte in the transcript. */
  offset: number;
  bytes: Uint8Array;
}
export interface RunExited extends OfRun {
  type: 'run.exited';
  /** Exit status; 128 + n for a signal. */
  status: number;
  /** Length of the transcript in bytes and sha256 hex over it. */
  bytes: number;
  sha256: string;
  /** Duration on the host, milliseconds. */
  durationMs: number;
}
export interface RunChecked extends OfRun {
  type: 'run.checked';
  phase: 'before' | 'after' | 'recheck';
  holds: boolean;
  status: number;
  /** At most the last 4 KiB of what the check printed. */
  output: string;
}
/** Waiting for a person or a power driver. */
export interface RunHands extends OfRun {
  type: 'run.hands';
  state: 'waiting' | 'done';
  /** `reader` or the driver's name, once done. */
  by?: string;
}
export interface RunRebooting extends OfRun {
  type: 'run.rebooting';
  /** Boot id before and, once it is back, after. */
  from: string;
  to?: string;
}
export interface RunFinished extends OfRun {
  type: 'run.finished';
  outcome: Outcome;
  /** One sentence for a person. */
  reason: string;
}
/** The reader accepted a changed text or input without running it. */
export interface CellAccepted extends Common {
  type: 'cell.accepted';
  step: string;
  subject: string;
  identity: string;
  digest: string;
  inputs: Record<string, string>;
}
export interface MachineSeen extends Common {
  type: 'machine.seen';
  machine: string;
  /** Contents of /etc/machine-id. */
  identity: string;
  bootId: string;
}

export type RunEvent =
  | RunStarted
  | RunShipped
  | RunOutput
  | RunExited
  | RunChecked
  | RunHands
  | RunRebooting
  | RunFinished
  | CellAccepted
  | MachineSeen;

/** Events that the journal keeps: all but the bytes. */
export type JournalEvent = Exclude<RunEvent, RunOutput>;

export type CellStatus =
  | 'todo'
  | 'running'
  | 'done'
  | 'failed'
  | 'stale'
  | 'drifted'
  | 'lost'
  | 'interrupted'
  | 'hands';

/** Derived state of one step for one subject. */
export interface Cell {
  step: string;
  subject: string;
  status: CellStatus;
  /** One sentence: proven at …, why failed, what changed. */
  reason: string;
  /** The newest run, if any. */
  run?: string;
  /** When it was last proven, milliseconds since the epoch. */
  provenAt?: number;
  /** Duration of the last real execution, milliseconds. */
  durationMs?: number;
}
