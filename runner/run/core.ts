/** What every part of the engine works with: book and plan, history and journal, hosts, and the one way to record. */
import type { Manifest, Step } from '../book/manifest.ts';
import { KfsError } from '../errors.ts';
import type { JournalEvent, RunEvent } from '../events.ts';
import type { Journal } from '../journal/journal.ts';
import type { Plan, PlannedMachine } from '../plan/plan.ts';
import type { StatePaths } from '../state.ts';
import type { ActiveRun } from './active-run.ts';
import { Announcer } from './announcer.ts';
import { Cells } from './derive.ts';
import { environmentOf, inputsOf } from './environment.ts';
import { History } from './history.ts';
import type { Hosts } from './hosts.ts';
import type { PowerDriver } from './power.ts';
import type { RunResult } from './runner.ts';
import { Book } from './subjects.ts';

export interface CoreOptions {
  manifest: Manifest;
  plan: Plan | null;
  paths: StatePaths;
  journal: Journal;
  hosts: Hosts;
  power: (machine: PlannedMachine) => PowerDriver | null;
  /** How long a lost link is tried anew before the run counts as lost, milliseconds. */
  patienceMs: number;
}

export class Core {
  readonly paths: StatePaths;
  readonly journal: Journal;
  readonly hosts: Hosts;
  readonly patienceMs: number;
  readonly announcer = new Announcer();
  readonly history: History;
  /** Runs that this process carries on now, by id, and how they will end. */
  readonly active = new Map<string, ActiveRun>();
  readonly results = new Map<string, Promise<RunResult>>();
  /** Work behind a run that has ended: its copy on the host is forgotten. */
  readonly tidying = new Set<Promise<void>>();
  /** Looks again, after a while, for a run whose end is not known. Set by `resume.ts`. */
  retryLater: (run: string) => void = () => {};
  readonly #power: CoreOptions['power'];
  readonly #closing = new AbortController();
  readonly #keptTexts = new Set<string>();
  #book: Book;
  #cells: Cells | undefined;

  constructor(options: CoreOptions) {
    this.paths = options.paths;
    this.journal = options.journal;
    this.hosts = options.hosts;
    this.patienceMs = options.patienceMs;
    this.#power = options.power;
    this.#book = new Book(options.manifest, options.plan);
    this.history = new History(options.journal.events());
  }

  get book(): Book {
    return this.#book;
  }

  setBook(manifest: Manifest, plan: Plan | null): void {
    this.#book = new Book(manifest, plan);
    this.#cells = undefined;
  }

  cells(): Cells {
    this.#cells ??= this.cellsUnder(this.#book);
    return this.#cells;
  }

  /** The cells as they would be with another book or plan. */
  cellsUnder(book: Book): Cells {
    const { history, journal, paths } = this;
    return new Cells({
      book,
      history,
      inputs: inputsOf(book.plan, paths),
      text: digest => journal.text(digest) as Step | undefined,
    });
  }

  environment(step: Step, subject: string): Record<string, string> {
    return environmentOf(this.#book.plan, this.paths, step, subject);
  }

  /** The driver that does a person's work on a machine; null where a person does it. */
  power(machine: string): PowerDriver | null {
    const planned = this.#book.plan?.machines.find(({ name }) => name === machine);
    return planned ? this.#power(planned) : null;
  }

  get detached(): AbortSignal {
    return this.#closing.signal;
  }

  detach(): void {
    this.#closing.abort();
  }

  /**
   * The journal first, then everyone else. Throws, with nothing told to anyone, when it cannot be written.
   * Resolves when the subscribers have taken it (or have had their time).
   */
  emit(event: RunEvent): Promise<void> {
    if (event.type !== 'run.output') this.#record(event);
    const ref = this.#cellOf(event);
    return this.announcer.announce(event, ref && this.cells().cell(ref));
  }

  /** The text that a digest stands for, once a digest. */
  keepText(step: Step): void {
    if (this.#keptTexts.has(step.digest)) return;
    this.journal.keepText(step.digest, step);
    this.#keptTexts.add(step.digest);
  }

  #record(event: JournalEvent): void {
    const { seq } = this.journal.append(event);
    this.history.add(seq, event);
    this.#cells = undefined;
  }

  #cellOf(event: RunEvent): { step: string; subject: string } | undefined {
    if (event.type === 'machine.seen') return undefined;
    if (event.type === 'cell.accepted') return event;
    return this.history.run(event.run)?.started;
  }

  /** The step, or a KfsError that names it. */
  step(id: string): Step {
    const step = this.#book.step(id);
    if (step) return step;
    throw new KfsError('step-unknown', `the book has no step \`${id}\``, { next: '`kfs status` lists them' });
  }
}
