/**
 * The plan as a form over the reader's own file. Every key asks the runner what the file would be: the same
 * messages as `kfs plan check`, and the finished steps that a change would make stale, before anything is saved.
 */
import type {
  PlanEdit,
  PlanProblem,
  PlanSchema,
  PlanValue,
  PlanView,
} from '../../runner/protocol/messages.ts';
import { announce } from './announce.ts';
import { h, setText, show } from './dom.ts';
import { type Path, valueAt, withEdit } from './plan-edits.ts';
import { type PlanField, planField } from './plan-field.ts';
import { ask } from './runner.ts';
import { store } from './store.ts';

/** Sections of the form, in reading order; what is optional is folded away. */
const SECTIONS: { title: string; paths: Path[]; folded?: true }[] = [
  { title: 'The cluster', paths: [['name'], ['domain']] },
  {
    title: 'Your network',
    paths: [
      ['network', 'subnet'],
      ['network', 'router'],
      ['network', 'workstation'],
      ['network', 'dns'],
      ['network', 'time'],
    ],
  },
  {
    title: 'The Kubernetes API',
    paths: [
      ['api', 'address'],
      ['api', 'name'],
    ],
  },
  { title: 'Addresses inside the cluster', paths: [['pods'], ['services']], folded: true },
];
const LATER: { title: string; path: Path }[] = [
  { title: 'Logging in', path: ['ssh'] },
  { title: 'Mirror', path: ['mirror'] },
  { title: 'Versions', path: ['versions'] },
];
const WAIT = 200;

export class KfsPlan extends HTMLElement {
  #view: PlanView | undefined;
  #edits: PlanEdit[] = [];
  #fields: PlanField[] = [];
  #form = h('form', { class: 'kfs-plan', novalidate: true });
  #state = h('p', { class: 'kfs-count' });
  #general = h('ul', { class: 'kfs-problems', hidden: true });
  #stale = h('div', { class: 'kfs-stale', role: 'status' });
  #save = h('button', { type: 'submit', class: 'kfs-button primary' }, 'Save');
  #undoEdits = h(
    'button',
    { type: 'button', class: 'kfs-button', onclick: () => void this.#begin() },
    'Discard changes',
  );
  #preview = h('pre', { class: 'kfs-file', tabindex: 0, 'aria-label': 'The file' });
  #sections = h('div', {});
  #timer: number | undefined;
  #turn = 0;
  #undo: (() => void)[] = [];

  connectedCallback(): void {
    if (this.#undo.length > 0) return;
    const foot = h(
      'div',
      { class: 'kfs-plan-foot' },
      this.#stale,
      h('div', { class: 'kfs-actions' }, this.#undoEdits, this.#save),
    );
    this.#form.append(this.#state, this.#general, this.#sections, foot);
    this.#form.addEventListener('submit', event => {
      event.preventDefault();
      void this.#write();
    });
    const file = h(
      'details',
      { class: 'kfs-fold' },
      h('summary', {}, 'The file as it will be'),
      this.#preview,
    );
    this.append(this.#form, file);
    this.#undo = [store.on('book', () => this.#edits.length === 0 && void this.#begin())];
    const guard = (event: BeforeUnloadEvent) => this.#edits.length > 0 && event.preventDefault();
    addEventListener('beforeunload', guard);
    this.#undo.push(() => removeEventListener('beforeunload', guard));
    if (store.book) void this.#begin();
  }

  disconnectedCallback(): void {
    for (const undo of this.#undo.splice(0)) undo();
  }

  /** The file as it is. */
  async #begin(): Promise<void> {
    this.#edits = [];
    await this.#look(true);
  }

  #change(path: Path, value: PlanValue | null): void {
    this.#edits = withEdit(this.#edits, { path, value });
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#look(false), WAIT);
  }

  /** Machines come and go: the form is drawn anew from what the file would be. */
  async #restructure(edit: PlanEdit, focus: string): Promise<void> {
    this.#edits = withEdit(this.#edits, edit);
    await this.#look(true);
    this.querySelector<HTMLElement>(focus)?.focus();
  }

  async #look(draw: boolean): Promise<void> {
    const turn = ++this.#turn;
    const view = await ask({ type: 'plan.view', edits: this.#edits });
    if (!view || turn !== this.#turn) return;
    this.#view = view;
    if (draw) this.#draw(view);
    this.#judge(view);
  }

  async #write(): Promise<void> {
    if (!this.#view) return;
    const view = await ask({ type: 'plan.save', edits: this.#edits, digest: this.#view.digest });
    if (!view) return;
    this.#edits = [];
    this.#view = view;
    this.#draw(view);
    this.#judge(view);
    announce('The plan is saved.');
  }

  #draw(view: PlanView): void {
    this.#fields = [];
    const machines = valueAt(view.fields, ['machines']);
    const count = Array.isArray(machines) ? machines.length : 0;
    const cards = Array.from({ length: count }, (_, index) => this.#machine(view, index, count));
    const add = h(
      'button',
      { type: 'button', class: 'kfs-button', onclick: () => void this.#addMachine(view, count) },
      'Add a machine',
    );
    this.#sections.replaceChildren(
      ...SECTIONS.map(({ title, paths, folded }) =>
        this.#section(
          title,
          paths.map(path => this.#field(view, path)),
          folded,
        ),
      ),
      h(
        'section',
        { class: 'kfs-section', 'aria-label': 'Machines' },
        h('h2', {}, 'Machines'),
        h('p', { class: 'kfs-help' }, describe(view.schema, ['machines'])),
        ...cards,
        add,
      ),
      ...LATER.map(({ title, path }) =>
        this.#section(
          title,
          Object.keys(schemaAt(view.schema, path)?.properties ?? {}).map(key =>
            this.#field(view, [...path, key]),
          ),
          true,
        ),
      ),
    );
  }

  #section(title: string, fields: HTMLElement[], folded?: true): HTMLElement {
    const grid = h('div', { class: 'kfs-fields' }, ...fields);
    if (folded) return h('details', { class: 'kfs-fold' }, h('summary', {}, title), grid);
    return h('section', { class: 'kfs-section', 'aria-label': title }, h('h2', {}, title), grid);
  }

  #machine(view: PlanView, index: number, count: number): HTMLElement {
    const keys = Object.keys(schemaAt(view.schema, ['machines', 0])?.properties ?? {});
    const name = String(valueAt(view.fields, ['machines', index, 'name']) ?? `machine ${index + 1}`);
    const remove = h(
      'button',
      {
        type: 'button',
        class: 'kfs-button quiet',
        onclick: () =>
          void this.#restructure({ path: ['machines', index], value: null }, '.kfs-machine-card input'),
      },
      'Remove',
      h('span', { class: 'sr-only' }, ` ${name}`),
    );
    const title = index === 0 ? `${name}, the first` : name;
    return h(
      'section',
      { class: 'kfs-machine-card', 'aria-label': title },
      h('div', { class: 'kfs-card-head' }, h('h3', {}, title), count > 1 && remove),
      h('div', { class: 'kfs-fields' }, ...keys.map(key => this.#field(view, ['machines', index, key]))),
    );
  }

  async #addMachine(view: PlanView, count: number): Promise<void> {
    const value = { name: `node-${count + 1}`, mac: '', address: '', roles: ['node'], disk: '/dev/sda' };
    await this.#restructure(
      { path: ['machines', valueAt(view.fields, ['machines']) ? count : 0], value },
      '.kfs-machine-card:last-of-type input',
    );
  }

  #field(view: PlanView, path: Path): HTMLElement {
    const field = planField(
      path,
      schemaAt(view.schema, path) ?? {},
      valueAt(view.fields, path),
      (at, value) => this.#change(at, value),
    );
    this.#fields.push(field);
    return field.element;
  }

  #judge({ problems, stale, text, file, exists }: PlanView): void {
    const placed = new Set<PlanProblem>();
    for (const field of this.#fields) {
      const own = problems.filter(({ path }) => startsWith(path, field.path));
      for (const problem of own) placed.add(problem);
      field.say(own);
    }
    const others = problems.filter(problem => !placed.has(problem));
    this.#general.replaceChildren(
      ...others.map(({ line, message, next }) => h('li', {}, `Line ${line}: ${message}; ${next}`)),
    );
    show(this.#general, others.length > 0);
    setText(this.#preview, text);
    const changed = this.#edits.length > 0 || !exists;
    this.#state.replaceChildren(
      exists ? 'The file is ' : 'There is no plan yet. This is a proposal; Save writes it to ',
      h('code', {}, file),
      problems.length > 0 ? `. ${problems.length} to correct.` : '.',
    );
    this.#save.disabled = problems.length > 0 || !changed;
    this.#undoEdits.disabled = this.#edits.length === 0;
    this.#tellStale(stale);
  }

  #tellStale(stale: PlanView['stale']): void {
    this.#stale.classList.toggle('some', stale.length > 0);
    if (stale.length === 0) {
      setText(this.#stale, this.#edits.length > 0 ? 'No finished step becomes stale.' : '');
      return;
    }
    const list = stale
      .slice(0, 12)
      .map(({ step, subject }) => h('li', {}, h('code', {}, step), ` on ${subject}`));
    const more = stale.length > list.length ? [h('li', {}, `and ${stale.length - list.length} more`)] : [];
    this.#stale.replaceChildren(
      h('p', {}, `Saving makes ${stale.length} finished ${stale.length === 1 ? 'step' : 'steps'} stale:`),
      h('ul', {}, ...list, ...more),
    );
  }
}

const schemaAt = (schema: PlanSchema, path: Path): PlanSchema | undefined =>
  path.reduce<PlanSchema | undefined>(
    (at, step) => (typeof step === 'number' ? at?.items : at?.properties?.[step]),
    schema,
  );

const describe = (schema: PlanSchema, path: Path): string =>
  (schemaAt(schema, path)?.description ?? '').replaceAll('`', '');

const startsWith = (path: Path, start: Path): boolean => start.every((step, index) => path[index] === step);
