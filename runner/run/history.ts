/**
 * The journal's events, folded into runs by cell. Pure: events in, records out; which of them count for a
 * subject as it is now is decided by identity.
 */
import type {
  CellAccepted,
  JournalEvent,
  Outcome,
  RunChecked,
  RunExited,
  RunHands,
  RunStarted,
} from '../events.ts';
import type { Recorded } from '../journal/journal.ts';

export interface RunRecord {
  started: RunStarted;
  /** Identities that the run counts for: the one it started with, and those its machine took on meanwhile. */
  identities: Set<string>;
  bootId?: string;
  exited?: RunExited;
  checked?: RunChecked;
  /** In order: waiting, then done. */
  hands: RunHands[];
  rebooting?: { from: string; to?: string };
  finished?: { outcome: Outcome; reason: string; at: number; seq: number };
}

export type Entry =
  | { run: RunRecord; accepted?: undefined }
  | { accepted: CellAccepted; seq: number; run?: undefined };

export const identityByName = (machine: string): string => `plan:${machine}`;

/** Whether nobody knows yet how it ended: it goes on, or its link was lost. */
export const isOpen = (run: RunRecord): boolean => !run.finished || run.finished.outcome === 'lost';

export class History {
  #entries = new Map<string, Entry[]>();
  #runs = new Map<string, RunRecord>();
  #open = new Set<RunRecord>();
  #machines = new Map<string, { identity: string; bootId: string }>();

  constructor(events: Iterable<Recorded> = []) {
    for (const { seq, event } of events) this.add(seq, event);
  }

  run(id: string): RunRecord | undefined {
    return this.#runs.get(id);
  }

  /** Runs whose end is not known, oldest first. */
  open(): RunRecord[] {
    return [...this.#open];
  }

  entries(step: string, subject: string): Entry[] {
    return this.#entries.get(key(step, subject)) ?? [];
  }

  machine(name: string): { identity: string; bootId: string } | undefined {
    return this.#machines.get(name);
  }

  /** What a subject's runs are bound to now. */
  identity(subject: string): string {
    if (subject === 'workstation') return 'workstation';
    return this.#machines.get(subject)?.identity ?? identityByName(subject);
  }

  add(seq: number, event: JournalEvent): void {
    switch (event.type) {
      case 'run.started':
        this.#start(event);
        break;
      case 'machine.seen':
        this.#seen(event.machine, event.identity, event.bootId);
        break;
      case 'cell.accepted':
        this.#push(event.step, event.subject, { accepted: event, seq });
        break;
      default: {
        const run = this.#runs.get(event.run);
        if (run) this.#continue(run, event, seq);
      }
    }
  }

  #start(started: RunStarted): void {
    const run: RunRecord = { started, identities: new Set([started.identity]), hands: [] };
    this.#runs.set(started.run, run);
    this.#open.add(run);
    this.#push(started.step, started.subject, { run });
  }

  #continue(
    run: RunRecord,
    event: Exclude<JournalEvent, RunStarted | CellAccepted | { type: 'machine.seen' }>,
    seq: number,
  ): void {
    if (event.type === 'run.shipped') {
      // Joined again after it was lost: it runs, and will end anew.
      run.bootId = event.bootId;
      run.finished = undefined;
    } else if (event.type === 'run.exited') run.exited = event;
    else if (event.type === 'run.checked') run.checked = event;
    else if (event.type === 'run.hands') run.hands.push(event);
    else if (event.type === 'run.rebooting') run.rebooting = event;
    else {
      run.finished = { outcome: event.outcome, reason: event.reason, at: event.at, seq };
      if (!isOpen(run)) this.#open.delete(run);
    }
  }

  /** A step that installs a machine belongs to the machine that it makes: to what it became meanwhile. */
  #seen(machine: string, identity: string, bootId: string): void {
    this.#machines.set(machine, { identity, bootId });
    for (const run of this.#open) if (run.started.subject === machine) run.identities.add(identity);
  }

  #push(step: string, subject: string, entry: Entry): void {
    const entries = this.#entries.get(key(step, subject));
    if (entries) entries.push(entry);
    else this.#entries.set(key(step, subject), [entry]);
  }
}

const key = (step: string, subject: string): string => `${step} ${subject}`;
