/**
 * What the run engine knows of a host: text in, bytes and status out. Nothing here knows of a book.
 * Implementations: `local` (the workstation) and `ssh`; both drive the same supervisor.
 */

/** A script to run under the supervisor. */
export interface Job {
  /** Unique and file-name safe; starting the same id twice is the same job. */
  id: string;
  /** Run as `bash -euo pipefail` of this text. */
  script: string;
  /** Exported to the script, in this order; the names match /^[A-Z_][A-Z0-9_]*$/. */
  env: Record<string, string>;
  timeoutMs: number;
  size: Size;
}
export interface Size {
  columns: number;
  rows: number;
}

export interface Facts {
  /** Contents of /etc/machine-id, empty if there is none. */
  machineId: string;
  bootId: string;
  user: string;
  host: string;
}

/** How a job ended, as the supervisor on the host recorded it. */
export type Ending =
  | { how: 'exited'; status: number; durationMs: number; bytes: number; sha256: string }
  | { how: 'timeout'; status: number; durationMs: number; bytes: number; sha256: string }
  | { how: 'stopped'; status: number; durationMs: number; bytes: number; sha256: string }
  /** No status and another boot id: the machine restarted under it. `bytes` is what was kept. */
  | { how: 'interrupted'; bytes: number };

export type JobStatus = { id: string; bootId: string } & (
  | { state: 'running' }
  | { state: 'ended'; ending: Ending }
);

/** When the host saw a piece of a job's output, however late it came here. */
export interface Moment {
  /** Milliseconds since the start. */
  atMs: number;
  bytes: number;
}

/** A piece of a job's output. */
export interface Chunk {
  offset: number;
  bytes: Uint8Array;
}

export interface Captured {
  status: number;
  /** stdout and stderr interleaved, at most 64 KiB kept (the end of it). */
  output: string;
  timedOut: boolean;
}

export interface Lock {
  /** Ends the lock; safe to call twice. */
  release(): Promise<void>;
  /** Aborted when the lock was lost (connection gone, taken over). */
  readonly lost: AbortSignal;
}

/**
 * Errors of every method are `KfsError` with code machine-unreachable, login-refused, host-key-changed,
 * host-key-unknown or machine-locked; a lost link during `follow` is thrown as machine-unreachable, and
 * calling `follow` again with the next offset re-joins.
 */
export interface Machine {
  readonly name: string;
  facts(signal?: AbortSignal): Promise<Facts>;
  /** Taken on the host itself, so that two runners, tabs or workstations cannot collide. `owner` is shown to the other. */
  lock(owner: string, signal?: AbortSignal): Promise<Lock>;
  /** Ships the script and starts it under the supervisor; returns the boot id it was started under. Idempotent by id. */
  start(job: Job, signal?: AbortSignal): Promise<{ bootId: string }>;
  /** Output from `offset` on, then how it ended. Every chunk is awaited before the next: back pressure. */
  follow(
    id: string,
    offset: number,
    sink: (chunk: Chunk) => Promise<void> | void,
    signal?: AbortSignal,
  ): Promise<Ending>;
  input(id: string, bytes: Uint8Array): Promise<void>;
  resize(id: string, size: Size): Promise<void>;
  /** Ends everything the job started: SIGTERM, or SIGKILL with `force`. */
  stop(id: string, force: boolean): Promise<void>;
  /** Jobs whose spool is still on the host. */
  jobs(signal?: AbortSignal): Promise<JobStatus[]>;
  /** When the output of an ended job was written, by the host's clock; the bytes add up to its length. */
  timing(id: string): Promise<Moment[]>;
  /** Removes the spool of an ended job, after its output is recorded here. */
  forget(id: string): Promise<void>;
  /** Runs a short read-only script without a PTY (a check), `bash -euo pipefail`. */
  capture(
    script: string,
    env: Record<string, string>,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<Captured>;
  /** An interactive login shell for the reader's terminal. */
  shell(size: Size): Promise<Shell>;
  /** Ends connections; running jobs go on. */
  close(): Promise<void>;
}

export interface Shell {
  onData(listener: (bytes: Uint8Array) => void): void;
  onExit(listener: (status: number) => void): void;
  write(bytes: Uint8Array): void;
  resize(size: Size): void;
  pause(): void;
  resume(): void;
  kill(): void;
}

/** How to reach a machine by ssh. All connection settings live in the rendered ssh_config (see plan). */
export interface SshTarget {
  name: string;
  /** Passed as `ssh -F`; it pins the host key file and may add the lab's ProxyCommand. */
  configFile: string;
}
