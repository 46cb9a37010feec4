/** What this page knows of the runner, and who wants to hear when it changes. One a page. */
import type {
  BookInfo,
  Cell,
  JournalEvent,
  LabPreparation,
  MachineInfo,
  SeriesInfo,
  ServerMessage,
  ShellInfo,
  StepInfo,
} from '../../runner/protocol/messages.ts';
import type { LinkState } from './link.ts';

/** `cells` comes with the ids of the steps that moved; `book` when everything is new. */
export interface StoreEvents {
  link: LinkState;
  book: undefined;
  cells: Set<string>;
  event: { event: JournalEvent; cell: Cell | undefined };
  series: SeriesInfo | undefined;
  shells: undefined;
  lab: LabPreparation | null;
  site: { state: 'building' | 'ready' | 'failed' | 'broken'; message: string };
}

class Store {
  link: LinkState = 'connecting';
  server = '';
  book: BookInfo | undefined;
  plan: { name: string; machines: MachineInfo[] } | null = null;
  planProblem: string | undefined;
  series: SeriesInfo | undefined;
  shells: ShellInfo[] = [];
  #steps = new Map<string, StepInfo>();
  #cells = new Map<string, Cell[]>();
  #events = new EventTarget();

  on<E extends keyof StoreEvents>(type: E, listener: (detail: StoreEvents[E]) => void): () => void {
    const heard = (event: Event) => listener((event as CustomEvent<StoreEvents[E]>).detail);
    this.#events.addEventListener(type, heard);
    return () => this.#events.removeEventListener(type, heard);
  }

  step(id: string): StepInfo | undefined {
    return this.#steps.get(id);
  }

  /** In the plan's order. */
  cellsOf(step: string): Cell[] {
    return this.#cells.get(step) ?? [];
  }

  cell(step: string, subject: string): Cell | undefined {
    return this.cellsOf(step).find(cell => cell.subject === subject);
  }

  /** Every subject that has a cell: the workstation, then the machines of the plan. */
  subjects(): string[] {
    return ['workstation', ...(this.plan?.machines.map(({ name }) => name) ?? [])];
  }

  moved(link: LinkState): void {
    this.link = link;
    this.#tell('link', link);
  }

  heard(message: ServerMessage): void {
    switch (message.type) {
      case 'welcome':
        this.server = message.server;
        this.series = message.series[0];
        this.shells = message.shells;
        this.#take(message);
        this.#tell('series', this.series);
        this.#tell('shells', undefined);
        this.#tell('lab', message.lab ?? null);
        break;
      case 'lab':
        this.#tell('lab', message.lab);
        break;
      case 'book':
        this.#take(message);
        break;
      case 'cells':
        this.#put(message.cells);
        break;
      case 'event':
        if (message.cell) this.#put([message.cell]);
        this.#tell('event', { event: message.event, cell: message.cell });
        break;
      case 'series':
        this.series = message.series.state === 'ended' ? undefined : message.series;
        this.#tell('series', message.series);
        break;
      case 'shells':
        this.shells = message.shells;
        this.#tell('shells', undefined);
        break;
      case 'site':
        this.#tell('site', { state: message.state, message: message.message ?? '' });
        break;
      case 'book.broken':
        this.#tell('site', { state: 'broken', message: message.message });
        break;
      default:
    }
  }

  #take({ book, plan, planProblem, cells }: Extract<ServerMessage, { type: 'book' | 'welcome' }>): void {
    this.book = book;
    this.plan = plan;
    this.planProblem = planProblem;
    this.#steps = new Map(book.steps.map(step => [step.id, step]));
    this.#cells = new Map();
    for (const cell of cells) this.#cells.set(cell.step, [...this.cellsOf(cell.step), cell]);
    this.#tell('book', undefined);
  }

  #put(cells: Cell[]): void {
    for (const cell of cells) {
      const others = this.cellsOf(cell.step);
      const at = others.findIndex(({ subject }) => subject === cell.subject);
      if (at >= 0) others[at] = cell;
    }
    this.#tell('cells', new Set(cells.map(({ step }) => step)));
  }

  #tell<E extends keyof StoreEvents>(type: E, detail: StoreEvents[E]): void {
    this.#events.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

export const store = new Store();
