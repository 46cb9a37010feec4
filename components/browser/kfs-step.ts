/**
 * A step that can be run. The page was complete without this: the element adds a line for each machine the step
 * is for, with its state and what can be done now, and the output below.
 */
import type { Cell } from '../../runner/protocol/messages.ts';
import { announce } from './announce.ts';
import { askNames } from './ask-name.ts';
import { h, show } from './dom.ts';
import { STATUS_WORDS } from './icons.ts';
import { LiveOutput, likelySize } from './live-output.ts';
import { ask } from './runner.ts';
import { StepRow } from './step-row.ts';
import { StepValues } from './step-values.ts';
import { store } from './store.ts';

/** Runs that this page started: their output opens by itself. */
const own = new Set<string>();

export class KfsStep extends HTMLElement {
  #rows = new Map<string, StepRow>();
  #list = h('ul', { class: 'kfs-rows' });
  #notice = h('p', { class: 'kfs-mismatch', hidden: true });
  #all = h('button', { type: 'button', class: 'kfs-button', onclick: () => void this.#runAll() });
  #here = h(
    'button',
    { type: 'button', class: 'kfs-button quiet', onclick: () => void this.#runToHere() },
    'Run to here',
  );
  #more = h('div', { class: 'kfs-more' });
  #output = new LiveOutput(`Output of ${this.dataset.step}`);
  #verdict = h('div', { class: 'kfs-verdict', hidden: true });
  #values = new StepValues(this.dataset.step ?? '');
  #undo: (() => void)[] = [];
  #said = new Map<string, string>();

  connectedCallback(): void {
    if (this.#undo.length > 0) return;
    this.#build();
    this.#undo = [
      store.on('book', () => this.#render()),
      store.on('cells', steps => steps.has(this.#id) && this.#render()),
      store.on('link', () => this.#render()),
      store.on('event', ({ event, cell }) => {
        if (event.type === 'run.started' && cell?.step === this.#id && own.delete(cell.subject + cell.step)) {
          void this.#output.open(event.run, true);
        }
      }),
    ];
    this.#render();
  }

  disconnectedCallback(): void {
    for (const undo of this.#undo.splice(0)) undo();
    this.#output.close();
    show(this.#verdict, false);
  }

  get #id(): string {
    return this.dataset.step ?? '';
  }

  /** The text on this page is the one that the runner has. */
  get #agrees(): boolean {
    return store.step(this.#id)?.digest === this.dataset.digest;
  }

  #build(): void {
    this.#more.append(this.#all, this.#here, this.#values.button);
    const controls = h(
      'div',
      { class: 'kfs-controls not-content' },
      this.#list,
      this.#notice,
      this.#more,
      this.#values.element,
    );
    controls.append(this.#output.element, this.#verdict);
    const figure = this.querySelector(':scope > .expressive-code, :scope > figure, :scope > pre');
    if (figure) figure.after(controls);
    else this.append(controls);
  }

  #render(): void {
    const cells = store.cellsOf(this.#id);
    const agrees = this.#agrees;
    for (const cell of cells) this.#row(cell).render(cell, store.link === 'on' && agrees);
    for (const [subject, row] of this.#rows) {
      if (cells.some(cell => cell.subject === subject)) continue;
      row.element.remove();
      this.#rows.delete(subject);
    }
    this.dataset.state = summary(cells);
    this.#announce(cells);
    this.#explain(cells, agrees);
    const able = store.link === 'on' && agrees;
    const waiting = cells.filter(({ status }) => !['done', 'running', 'hands'].includes(status));
    this.#all.replaceChildren(
      `Run on ${waiting.length === cells.length ? `all ${cells.length}` : waiting.length}`,
    );
    this.#all.disabled = this.#here.disabled = !able;
    show(this.#all, cells.length > 1 && waiting.length > 1 && !this.dataset.destroys);
    show(this.#here, cells.length > 0 && waiting.length > 0 && this.#above() > 0);
    this.#values.offer(
      cells.map(({ subject }) => subject),
      able,
    );
    show(
      this.#more,
      [...this.#more.children].some(child => !(child as HTMLElement).hidden),
    );
  }

  #row(cell: Cell): StepRow {
    let row = this.#rows.get(cell.subject);
    if (!row) {
      row = new StepRow(this.#id, cell.subject, this.dataset.kind ?? 'step', {
        run: mode => void this.#run(cell.subject, mode),
        output: (run, typing) => this.#toggleOutput(run, typing),
      });
      this.#rows.set(cell.subject, row);
      this.#list.append(row.element);
    }
    row.shown = this.#output.run;
    return row;
  }

  /** Why there is nothing to press, or why it is held back. */
  #explain(cells: Cell[], agrees: boolean): void {
    const known = store.step(this.#id);
    const texts = {
      unknown: 'The runner’s book does not have this step. Reload the page.',
      other: 'This text has changed in the book. Reload the page to see and run what it is now.',
      plan: 'Runs on machines of the plan: describe them on the Plan page first.',
      nobody: `The plan has no machine for ${this.dataset.for ?? this.dataset.on}.`,
    };
    const reason = !store.book
      ? undefined
      : !known
        ? 'unknown'
        : !agrees
          ? 'other'
          : cells.length > 0
            ? undefined
            : store.plan
              ? 'nobody'
              : 'plan';
    this.#notice.textContent = reason ? texts[reason] : '';
    show(this.#notice, reason !== undefined);
  }

  async #run(subject: string, mode: 'run' | 'force' | 'check', watch = mode !== 'check'): Promise<void> {
    const { destroys, digest = '' } = this.dataset;
    let confirm: string | undefined;
    if (destroys && mode !== 'check') {
      const names = await askNames([{ step: this.#id, subject, destroys }]);
      if (!names) return;
      confirm = names[0];
    }
    const key = subject + this.#id;
    if (watch) own.add(key);
    const row = this.#rows.get(subject);
    row?.begin();
    const size = likelySize(this);
    const result = await ask(
      { type: 'run', step: this.#id, subject, digest, mode, size, ...(confirm && { confirm }) },
      message => {
        row?.refuse(message);
        announce(message, false);
      },
    );
    own.delete(key);
    if (result?.outcome === 'refused') {
      row?.refuse(result.reason);
      if (this.#output.run === result.run) this.#output.close();
    } else if (result) void this.#judge(result.run);
    row?.settle();
  }

  async #runAll(): Promise<void> {
    const open = store
      .cellsOf(this.#id)
      .filter(({ status }) => !['done', 'running', 'hands'].includes(status));
    // One output at a time: that of the first.
    await Promise.all(
      open.map(({ subject, status }, index) =>
        this.#run(subject, status === 'stale' ? 'force' : 'run', index === 0),
      ),
    );
  }

  async #runToHere(): Promise<void> {
    const chapter = store.step(this.#id)?.chapter;
    if (!chapter || !store.book) return;
    const { runSeries } = await import('./run-series.ts');
    await runSeries({ what: [chapter], to: this.#id });
  }

  /** Steps above in this chapter that are not proven: what "run to here" would do beside this one. */
  #above(): number {
    const step = store.step(this.#id);
    const ids = store.book?.chapters.find(({ slug }) => slug === step?.chapter)?.steps ?? [];
    return ids
      .slice(0, ids.indexOf(this.#id))
      .filter(id => store.cellsOf(id).some(({ status }) => status !== 'done')).length;
  }

  #toggleOutput(run: string, typing: boolean): void {
    if (this.#output.run === run) {
      this.#output.close();
      show(this.#verdict, false);
    } else {
      void this.#output.open(run, typing).then(() => typing && this.#output.focus());
      if (!typing) void this.#judge(run);
    }
    this.#render();
  }

  /** What the check printed when it did not hold: the reason is there. */
  async #judge(run: string): Promise<void> {
    const info = await ask({ type: 'run.info', run }, () => {});
    const failed = info?.check && !info.check.holds && info.outcome !== 'done' && info.outcome !== 'proven';
    show(this.#verdict, Boolean(failed));
    if (!failed || !info.check) return;
    const said = info.check.output.trim() || 'It printed nothing.';
    this.#verdict.replaceChildren(
      h('p', {}, `The check ended with status ${info.check.status}:`),
      h('pre', {}, said),
    );
  }

  /** State changes of this step, for who cannot see them. */
  #announce(cells: Cell[]): void {
    for (const { subject, status, reason } of cells) {
      const before = this.#said.get(subject);
      this.#said.set(subject, status);
      if (before === undefined || before === status) continue;
      const detail = status === 'done' || status === 'running' ? '' : `: ${reason}`;
      announce(`${this.#id} on ${subject}: ${STATUS_WORDS[status]}${detail}`, false);
    }
  }
}

/** One state for the rule in the margin: what most needs the reader. */
function summary(cells: Cell[]): string {
  for (const status of [
    'hands',
    'running',
    'failed',
    'lost',
    'interrupted',
    'drifted',
    'stale',
    'todo',
  ] as const) {
    if (cells.some(cell => cell.status === status)) return status;
  }
  return cells.length > 0 ? 'done' : 'none';
}
