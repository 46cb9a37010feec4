/** Every step by every machine: live, filtered, one tab stop, each cell the way to its transcript or its step. */
import type { Cell, CellStatus, ChapterInfo, StepInfo } from '../../runner/protocol/messages.ts';
import { h, setText } from './dom.ts';
import { icon, STATUS_WORDS } from './icons.ts';
import { progressOf, progressWords } from './progress.ts';
import { store } from './store.ts';

const STATUSES = Object.keys(STATUS_WORDS) as CellStatus[];

export class KfsMatrix extends HTMLElement {
  #text = h('input', { type: 'search', placeholder: 'Step or heading', 'aria-label': 'Text of the step' });
  #status = h('select', { 'aria-label': 'State' });
  #chapter = h('select', { 'aria-label': 'Chapter' });
  #machine = h('select', { 'aria-label': 'Machine' });
  #count = h('p', { class: 'kfs-count', role: 'status' });
  #table = h('table', { class: 'kfs-grid', role: 'grid', 'aria-label': 'Steps by machines' });
  /** By `step subject`. */
  #links = new Map<string, { link: HTMLAnchorElement; place: HTMLTableCellElement }>();
  #heads = new Map<string, HTMLElement>();
  #undo: (() => void)[] = [];

  connectedCallback(): void {
    if (this.#undo.length > 0) return;
    const filters = h(
      'form',
      { class: 'kfs-filters', role: 'search', 'aria-label': 'Filter the steps' },
      this.#text,
      this.#status,
      this.#chapter,
      this.#machine,
    );
    filters.addEventListener('input', () => this.#build());
    filters.addEventListener('submit', event => event.preventDefault());
    this.#status.append(
      h('option', { value: '' }, 'Any state'),
      ...STATUSES.map(status => h('option', { value: status }, STATUS_WORDS[status])),
    );
    this.#table.addEventListener('keydown', event => this.#move(event));
    this.#table.addEventListener('focusin', event => this.#stop(event.target as HTMLElement));
    this.append(filters, this.#count, h('div', { class: 'kfs-grid-holder', tabindex: -1 }, this.#table));
    this.#undo = [store.on('book', () => this.#offer()), store.on('cells', steps => this.#update(steps))];
    this.#offer();
  }

  disconnectedCallback(): void {
    for (const undo of this.#undo.splice(0)) undo();
  }

  #offer(): void {
    if (!store.book) return;
    refill(
      this.#chapter,
      'Every chapter',
      store.book.chapters
        .filter(({ steps }) => steps.length > 0)
        .map(({ slug, title, number }) => [slug, number ? `${number} ${title}` : title]),
    );
    refill(
      this.#machine,
      'Every machine',
      store.subjects().map(name => [name, name]),
    );
    this.#build();
  }

  #build(): void {
    if (!store.book) return;
    const machines = this.#machine.value ? [this.#machine.value] : store.subjects();
    this.#links.clear();
    this.#heads.clear();
    const bodies = store.book.chapters.flatMap(chapter => this.#chapterRows(chapter, machines));
    const head = h(
      'thead',
      {},
      h(
        'tr',
        {},
        h('th', { scope: 'col' }, 'Step'),
        ...machines.map(name => h('th', { scope: 'col', class: 'kfs-machine' }, h('span', {}, name))),
      ),
    );
    this.#table.replaceChildren(head, ...bodies);
    const first = this.#links.values().next().value;
    if (first) first.link.tabIndex = 0;
    this.#tally();
  }

  #chapterRows(chapter: ChapterInfo, machines: string[]): HTMLElement[] {
    if (this.#chapter.value && chapter.slug !== this.#chapter.value) return [];
    const steps = chapter.steps.map(id => store.step(id)).filter(step => step !== undefined);
    const rows = steps.filter(step => this.#wanted(step, machines)).map(step => this.#row(step, machines));
    if (rows.length === 0) return [];
    const words = h('span', { class: 'kfs-grid-progress' });
    this.#heads.set(chapter.slug, words);
    setText(words, progressWords(progressOf(steps, id => store.cellsOf(id))));
    const title = chapter.number ? `${chapter.number} ${chapter.title}` : chapter.title;
    const head = h(
      'tr',
      { class: 'kfs-grid-chapter' },
      h(
        'th',
        { colspan: machines.length + 1, scope: 'rowgroup' },
        h('a', { href: `/${chapter.slug}/` }, title),
        ' ',
        words,
      ),
    );
    return [h('tbody', {}, head, ...rows)];
  }

  #wanted(step: StepInfo, machines: string[]): boolean {
    const text = this.#text.value.trim().toLowerCase();
    if (text && !`${step.id} ${step.heading.text}`.toLowerCase().includes(text)) return false;
    const cells = store.cellsOf(step.id).filter(({ subject }) => machines.includes(subject));
    const status = this.#status.value;
    return status ? cells.some(cell => cell.status === status) : !this.#machine.value || cells.length > 0;
  }

  #row(step: StepInfo, machines: string[]): HTMLElement {
    const name = h('th', { scope: 'row' }, h('a', { href: pageOf(step), tabindex: -1 }, step.id));
    return h('tr', {}, name, ...machines.map(machine => this.#place(step, machine)));
  }

  #place(step: StepInfo, machine: string): HTMLTableCellElement {
    const cell = store.cell(step.id, machine);
    if (!cell) return h('td', { class: 'kfs-none' });
    const link = h('a', { tabindex: -1 });
    const place = h('td', {}, link);
    this.#links.set(`${step.id} ${machine}`, { link, place });
    draw(cell, step, link, place);
    return place;
  }

  /** Live: only what moved is drawn anew; a filter by state is built again, for rows come and go. */
  #update(steps: Set<string>): void {
    if (this.#status.value) {
      this.#build();
      return;
    }
    for (const id of steps) {
      const step = store.step(id);
      for (const cell of step ? store.cellsOf(id) : []) {
        const found = this.#links.get(`${id} ${cell.subject}`);
        if (found && step) draw(cell, step, found.link, found.place);
      }
      const chapter = store.book?.chapters.find(({ slug }) => slug === step?.chapter);
      const words = chapter && this.#heads.get(chapter.slug);
      const all = chapter?.steps.map(each => store.step(each)).filter(each => each !== undefined) ?? [];
      if (words) setText(words, progressWords(progressOf(all, each => store.cellsOf(each))));
    }
    this.#tally();
  }

  #tally(): void {
    const shown = [...this.#links.values()].map(({ place }) => place.dataset.status as CellStatus);
    const parts = STATUSES.map(
      status => [shown.filter(each => each === status).length, STATUS_WORDS[status]] as const,
    );
    const words = parts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
    setText(this.#count, shown.length === 0 ? 'No step is like that.' : `${words.join(', ')}.`);
  }

  /** One tab stop for the grid, the arrow keys inside it. */
  #stop(target: HTMLElement): void {
    if (!target.closest('td')) return;
    for (const { link } of this.#links.values()) link.tabIndex = link === target ? 0 : -1;
  }

  #move(event: KeyboardEvent): void {
    const place = (event.target as HTMLElement).closest('td');
    const row = place?.parentElement as HTMLTableRowElement | null;
    if (!place || !row) return;
    const rows = [...this.#table.querySelectorAll<HTMLTableRowElement>('tbody tr:not(.kfs-grid-chapter)')];
    const at = rows.indexOf(row);
    const to: Record<string, [number, number]> = {
      ArrowLeft: [at, -1],
      ArrowRight: [at, 1],
      ArrowUp: [at - 1, 0],
      ArrowDown: [at + 1, 0],
      PageUp: [Math.max(0, at - 15), 0],
      PageDown: [Math.min(rows.length - 1, at + 15), 0],
      Home: [0, 0],
      End: [rows.length - 1, 0],
    };
    const aim = to[event.key];
    if (!aim) return;
    event.preventDefault();
    const [next, sideways] = aim;
    const down = event.key === 'ArrowUp' || event.key === 'End' || event.key === 'PageUp' ? -1 : 1;
    const link = sideways ? beside(place, sideways) : nearest(rows, next, down, place.cellIndex);
    link?.focus();
    link?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }
}

function draw(cell: Cell, step: StepInfo, link: HTMLAnchorElement, place: HTMLTableCellElement): void {
  if (place.dataset.status !== cell.status) link.replaceChildren(icon(cell.status));
  place.dataset.status = cell.status;
  link.href = cell.run ? `#run=${encodeURIComponent(cell.run)}` : pageOf(step);
  const words = `${step.id} on ${cell.subject}: ${STATUS_WORDS[cell.status]}`;
  link.setAttribute('aria-label', words);
  link.title = cell.reason ? `${words}. ${cell.reason}` : words;
}

const pageOf = (step: StepInfo): string => `/${step.chapter}/#step-${step.id}`;

function refill(select: HTMLSelectElement, all: string, options: [value: string, label: string][]): void {
  const { value } = select;
  select.replaceChildren(
    h('option', { value: '' }, all),
    ...options.map(([each, label]) => h('option', { value: each }, label)),
  );
  select.value = options.some(([each]) => each === value) ? value : '';
}

function beside(place: HTMLTableCellElement, by: number): HTMLElement | null {
  let next: Element | null = place;
  do next = by < 0 ? next.previousElementSibling : next.nextElementSibling;
  while (next && !(next instanceof HTMLTableCellElement && next.tagName === 'TD' && next.querySelector('a')));
  return next?.querySelector('a') ?? null;
}

/** The row's cell in this column, or the next row that has one. */
function nearest(rows: HTMLTableRowElement[], from: number, by: number, column: number): HTMLElement | null {
  for (let at = from; at >= 0 && at < rows.length; at += by) {
    const link = rows[at]?.cells[column]?.querySelector('a');
    if (link) return link;
  }
  return null;
}
