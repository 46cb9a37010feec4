/**
 * What all pages see at once: the runner's events, the cells that changed by them, the series and the shells.
 * One subscription to the runner, many pages.
 */
import type { Cell, RunEvent } from '../events.ts';
import type { ServerMessage } from '../protocol/messages.ts';
import type { Runner } from '../run/runner.ts';
import { bookInfo, planInfo } from './book-info.ts';
import { LabDesk } from './lab-desk.ts';
import { RunSource } from './run-source.ts';
import { Series } from './series.ts';
import { Shells } from './shells.ts';

/** After a change, how long others are gathered before all cells are compared, in milliseconds. */
const GATHER = 50;

/** A page, as the hub knows it. */
export interface Page {
  send(message: ServerMessage): void;
}

export class Hub {
  readonly runner: Runner;
  readonly server: string;
  readonly pages = new Set<Page>();
  readonly series: Series;
  readonly shells: Shells;
  readonly lab: LabDesk;
  planProblem: string | undefined;
  #sources = new Map<string, RunSource>();
  #known = new Map<string, string>();
  #timer: NodeJS.Timeout | undefined;
  #unsubscribe: () => void;

  constructor(runner: Runner, server: string) {
    this.runner = runner;
    this.server = server;
    this.series = new Series(runner, series => this.broadcast({ type: 'series', series }));
    this.shells = new Shells(runner, shells => this.broadcast({ type: 'shells', shells }));
    this.lab = new LabDesk(lab => this.broadcast({ type: 'lab', lab }));
    this.#remember(runner.cells());
    this.#unsubscribe = runner.subscribe((event, cell) => this.#on(event, cell));
  }

  broadcast(message: ServerMessage): void {
    for (const page of this.pages) page.send(message);
  }

  welcome(): ServerMessage {
    return {
      type: 'welcome',
      version: 1,
      server: this.server,
      ...this.#everything(),
      series: this.series.list(),
      shells: this.shells.list(),
      ...(this.lab.now && { lab: this.lab.now }),
    };
  }

  /** Book or plan are new: the pages get all that hangs on them. */
  announceBook(): void {
    const everything = this.#everything();
    this.#remember(everything.cells);
    this.broadcast({ type: 'book', ...everything });
  }

  /** One source a run, shared by the pages that look at it. */
  sourceOf(run: string): RunSource {
    let source = this.#sources.get(run);
    if (!source || source.readers.size === 0) {
      source = new RunSource(this.runner, run);
      this.#sources.set(run, source);
    }
    return source;
  }

  close(): void {
    this.#unsubscribe();
    clearTimeout(this.#timer);
    this.series.stopAll();
    this.shells.close();
  }

  #everything() {
    const { runner, planProblem } = this;
    return {
      book: bookInfo(runner.manifest()),
      plan: planInfo(runner.plan()),
      ...(planProblem !== undefined && { planProblem }),
      cells: runner.cells(),
    };
  }

  #on(event: RunEvent, cell: Cell | undefined): void {
    if ('run' in event) this.#kick(event.run, event.type === 'run.finished');
    if (event.type === 'run.output') return;
    this.broadcast({ type: 'event', event, ...(cell && { cell }) });
    if (cell) this.#known.set(keyOf(cell), JSON.stringify(cell));
    if (MOVES.has(event.type)) this.#timer ??= setTimeout(() => this.#compare(), GATHER);
  }

  #kick(run: string, finished: boolean): void {
    const source = this.#sources.get(run);
    if (!source) return;
    for (const reader of source.readers) reader.kick();
    if (finished || source.readers.size === 0) this.#sources.delete(run);
  }

  /** An event can move other cells too: what stands on a step is stale with it. */
  #compare(): void {
    this.#timer = undefined;
    const changed = this.runner.cells().filter(cell => this.#known.get(keyOf(cell)) !== JSON.stringify(cell));
    if (changed.length === 0) return;
    for (const cell of changed) this.#known.set(keyOf(cell), JSON.stringify(cell));
    this.broadcast({ type: 'cells', cells: changed });
  }

  #remember(cells: Cell[]): void {
    this.#known = new Map(cells.map(cell => [keyOf(cell), JSON.stringify(cell)]));
  }
}

/** Events after which cells other than their own can differ. */
const MOVES = new Set<RunEvent['type']>(['run.started', 'run.finished', 'cell.accepted', 'machine.seen']);

const keyOf = (cell: Cell): string => `${cell.step} ${cell.subject}`;
