/** Events of a journal, told in a few words, and the cells that follow from them. */
import type { Manifest, Step } from '../../book/manifest.ts';
import type { Cell, JournalEvent, Outcome, RunMode } from '../../events.ts';
import type { Plan } from '../../plan/plan.ts';
import { Cells } from '../derive.ts';
import { History } from '../history.ts';
import { Book } from '../subjects.ts';

export interface Told {
  subject?: string;
  outcome?: Outcome;
  mode?: RunMode;
  inputs?: Record<string, string>;
  /** As if the step had had another text then. */
  digest?: string;
}

export class Story {
  readonly #events: JournalEvent[] = [];
  readonly #ids = new Map<string, string>();
  #manifest: Manifest;
  #plan: Plan | null;
  #values: Record<string, string> = {};

  constructor(manifest: Manifest, plan: Plan | null = null) {
    this.#manifest = manifest;
    this.#plan = plan;
  }

  /** A run from start to end; without an outcome it goes on. */
  run(step: string, { subject = 'workstation', outcome, mode = 'run', inputs, digest }: Told = {}): string {
    const run = this.start(step, subject, mode, inputs, digest);
    if (outcome)
      this.add({ type: 'run.finished', at: this.#events.length, run, outcome, reason: `it ${outcome}` });
    return run;
  }

  done(step: string, told: Told = {}): string {
    return this.run(step, { outcome: 'done', ...told });
  }

  start(
    step: string,
    subject: string,
    mode: RunMode,
    inputs = this.#inputs(step),
    digest = this.step(step).digest,
  ): string {
    const at = this.#events.length;
    const run = `run-${at}`;
    const identity = subject === 'workstation' ? subject : (this.#ids.get(subject) ?? `plan:${subject}`);
    const { kind } = this.step(step);
    this.add({
      type: 'run.started',
      at,
      run,
      step,
      kind,
      subject,
      identity,
      digest,
      inputs,
      mode,
      by: 'test',
    });
    return run;
  }

  seen(machine: string, identity: string): void {
    this.#ids.set(machine, identity);
    this.add({ type: 'machine.seen', at: this.#events.length, machine, identity, bootId: 'boot' });
  }

  accepted(step: string, subject = 'workstation'): void {
    const { digest } = this.step(step);
    const identity = subject === 'workstation' ? subject : (this.#ids.get(subject) ?? `plan:${subject}`);
    this.add({
      type: 'cell.accepted',
      at: this.#events.length,
      step,
      subject,
      identity,
      digest,
      inputs: this.#inputs(step),
    });
  }

  add(event: JournalEvent): void {
    this.#events.push(event);
  }

  /** The book is written anew. */
  now(manifest: Manifest): void {
    this.#manifest = manifest;
  }

  values(values: Record<string, string>): void {
    this.#values = values;
  }

  step(id: string): Step {
    return this.#manifest.steps.find(step => step.id === id)!;
  }

  cells(): Cells {
    const history = new History(this.#events.map((event, index) => ({ seq: index + 1, event })));
    const inputs = (step: Step) => this.#inputs(step.id);
    return new Cells({ book: new Book(this.#manifest, this.#plan), history, inputs });
  }

  cell(step: string, subject = 'workstation'): Cell {
    return this.cells().cell({ step, subject })!;
  }

  status(step: string, subject = 'workstation'): string {
    return this.cell(step, subject).status;
  }

  #inputs(step: string): Record<string, string> {
    const { variables } = this.step(step);
    return Object.fromEntries(Object.entries(this.#values).filter(([name]) => variables.includes(name)));
  }
}
