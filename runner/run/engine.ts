/** The run engine: wires journal, hosts and the order of work into the `Runner` that server and command line ask. */
import { isDeepStrictEqual } from 'node:util';
import type { Manifest } from '../book/manifest.ts';
import { KfsError } from '../errors.ts';
import type { Cell } from '../events.ts';
import { openJournal } from '../journal/journal.ts';
import { readTranscript } from '../journal/transcript.ts';
import type { Machine, Size } from '../machine/machine.ts';
import { machineNamed } from '../machine/named.ts';
import type { Plan, PlannedMachine } from '../plan/plan.ts';
import { renderState } from '../plan/render.ts';
import { CHECKOUT, type StatePaths } from '../state.ts';
import type { ActiveRun } from './active-run.ts';
import { Core } from './core.ts';
import { usedBy } from './environment.ts';
import { isOpen } from './history.ts';
import { Hosts } from './hosts.ts';
import type { PowerDriver } from './power.ts';
import { rejoinLater, resume } from './resume.ts';
import { runCell } from './run-cell.ts';
import type { Runner, RunRequest, RunResult, Selection, SeriesOptions } from './runner.ts';
import { assertSeries, preview, runSeries } from './series.ts';
import { Book } from './subjects.ts';

export type { PowerDriver } from './power.ts';
export { readCells } from './read-cells.ts';

const MINUTE = 60_000;
/** The most bytes of a transcript in one answer. */
const MOST_BYTES = 64 * 1024 * 1024;

export interface RunnerOptions {
  manifest: Manifest;
  plan: Plan | null;
  paths: StatePaths;
  /**
   * The plan as it is on disk now, asked for between the steps of a series: a step of the book may write it.
   * Undefined when it cannot be read; then the one that is known stays.
   */
  planOnDisk?: () => Plan | null | undefined;
  /** Another way to reach a machine, or the workstation; null for the usual one. */
  machines?: (name: string) => Machine | null;
  /** Who does a person's work on a machine; null where a person does it. */
  power?: (machine: PlannedMachine) => PowerDriver | null;
  /** How many subjects of a step run at once; default 4. */
  parallel?: number;
  /** How long a lost link is tried anew before the run counts as lost; default 5 minutes, in milliseconds. */
  patienceMs?: number;
}

/** Opens the journal, as its only writer: throws state-busy, state-broken or disk-full. */
export async function createRunner(options: RunnerOptions): Promise<Runner> {
  const journal = openJournal(options.paths);
  try {
    const hosts = new Hosts(name => options.machines?.(name) ?? machineNamed(name, options.paths));
    const core = new Core({
      ...options,
      journal,
      hosts,
      power: options.power ?? (() => null),
      patienceMs: options.patienceMs ?? 5 * MINUTE,
    });
    core.retryLater = run => rejoinLater(core, run);
    renderState(options.plan, options.paths, { checkout: CHECKOUT });
    return new Engine(core, options.parallel ?? 4, options.planOnDisk ?? (() => undefined));
  } catch (error) {
    journal.close();
    throw error;
  }
}

class Engine implements Runner {
  readonly #core: Core;
  readonly #parallel: number;
  readonly #planOnDisk: () => Plan | null | undefined;
  readonly #running = new Set<Promise<unknown>>();
  #closed: Promise<void> | undefined;

  constructor(core: Core, parallel: number, planOnDisk: () => Plan | null | undefined) {
    this.#core = core;
    this.#parallel = parallel;
    this.#planOnDisk = planOnDisk;
  }

  manifest(): Manifest {
    return this.#core.book.manifest;
  }

  setManifest(manifest: Manifest): void {
    this.#core.setBook(manifest, this.#core.book.plan);
  }

  plan(): Plan | null {
    return this.#core.book.plan;
  }

  setPlan(plan: Plan | null): void {
    const { paths, hosts } = this.#core;
    const changed = renderState(plan, paths, { checkout: CHECKOUT });
    this.#core.setBook(this.#core.book.manifest, plan);
    if (changed.includes(paths.sshConfig)) hosts.closeIdle();
  }

  cells(): Cell[] {
    return this.#core.cells().all();
  }

  cell(step: string, subject: string): Cell | undefined {
    return this.#core.cells().cell({ step, subject });
  }

  environment(step: string, subject: string): Record<string, string> {
    return this.#core.environment(this.#core.step(step), subject);
  }

  staleUnder(plan: Plan): Cell[] {
    const now = this.#core.cells();
    const then = this.#core.cellsUnder(new Book(this.#core.book.manifest, plan));
    return then.all().filter(cell => cell.status === 'stale' && now.cell(cell)?.status !== 'stale');
  }

  subscribe(listener: Parameters<Runner['subscribe']>[0]): () => void {
    return this.#core.announcer.subscribe(listener);
  }

  run(request: RunRequest): Promise<RunResult> {
    return this.#tracked(runCell(this.#core, request));
  }

  async series(selection: Selection, options: SeriesOptions): Promise<RunResult[]> {
    assertSeries(options);
    const settings = { parallel: this.#parallel, refreshPlan: () => this.#refreshPlan() };
    return this.#tracked(runSeries(this.#core, selection, options, settings));
  }

  #refreshPlan(): boolean {
    const plan = this.#planOnDisk();
    if (plan === undefined || isDeepStrictEqual(plan, this.plan())) return false;
    this.setPlan(plan);
    return true;
  }

  preview(selection: Selection): { step: string; subject: string; destroys?: string }[] {
    return preview(this.#core, selection);
  }

  async stop(run: string, force: boolean): Promise<void> {
    await this.#active(run).stop(force);
  }

  async input(run: string, bytes: Uint8Array): Promise<void> {
    const active = this.#active(run);
    if (active.onHost) await active.machine.input(run, bytes);
  }

  async resize(run: string, size: Size): Promise<void> {
    const active = this.#active(run);
    active.fields.size = size;
    active.resized?.(size);
    if (active.onHost) await active.machine.resize(run, size);
  }

  handsDone(run: string): void {
    const { handsDone, step } = this.#active(run);
    if (!handsDone) throw new KfsError('refused', `step \`${step.id}\` does not wait for a person`);
    handsDone('reader');
  }

  accept(step: string, subject: string, digest: string): void {
    const core = this.#core;
    const found = core.step(step);
    if (found.digest !== digest)
      throw new KfsError('step-changed', `step \`${step}\` is not what you saw: the book has changed`);
    if (core.cells().stale({ step, subject }) === undefined)
      throw new KfsError(
        'refused',
        `step \`${step}\` is not stale on ${subject}: there is nothing to accept`,
      );
    const inputs = usedBy(found, core.environment(found, subject));
    const identity = core.history.identity(subject);
    void core.emit({ type: 'cell.accepted', at: Date.now(), step, subject, identity, digest, inputs });
  }

  resume(): Promise<void> {
    return resume(this.#core);
  }

  transcript(
    run: string,
    offset = 0,
    length = MOST_BYTES,
  ): { bytes: Uint8Array; total: number; complete: boolean } {
    const record = this.#core.history.run(run);
    // Asked first: what is read afterwards is then all there is.
    const complete = record !== undefined && !isOpen(record);
    return { ...readTranscript(this.#core.paths, run, offset, Math.min(length, MOST_BYTES)), complete };
  }

  machine(name: string): Machine {
    return this.#core.hosts.machine(name);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#core.detach();
    await Promise.allSettled([...this.#running, ...this.#core.results.values()]);
    await Promise.allSettled(this.#core.tidying);
    await this.#core.hosts.close();
    this.#core.journal.close();
  }

  #active(run: string): ActiveRun {
    const active = this.#core.active.get(run);
    if (active) return active;
    throw new KfsError('refused', `run ${run} is over, or is not followed here`);
  }

  #tracked<T>(work: Promise<T>): Promise<T> {
    const tracked = work.catch(() => {}).finally(() => this.#running.delete(tracked));
    this.#running.add(tracked);
    return work;
  }
}
