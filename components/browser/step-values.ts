/** The values of the variables that a step uses, beside its text, when the reader asks for them. */
import { h, show } from './dom.ts';
import { ask } from './runner.ts';
import { store } from './store.ts';

export class StepValues {
  readonly button: HTMLButtonElement;
  readonly element = h('div', { class: 'kfs-values', hidden: true });
  #step: string;
  #subjects: string[] = [];
  #select = h('select', { 'aria-label': 'Values for', onchange: () => void this.#load() });
  #list = h('dl', {});

  constructor(step: string) {
    this.#step = step;
    this.button = h(
      'button',
      {
        type: 'button',
        class: 'kfs-button quiet',
        'aria-expanded': 'false',
        onclick: () => this.#toggle(),
        hidden: true,
      },
      'Values',
      h('span', { class: 'sr-only' }, ` of the variables in ${step}`),
    );
    this.element.append(this.#select, this.#list);
  }

  offer(subjects: string[], able: boolean): void {
    const uses = (store.step(this.#step)?.variables.length ?? 0) > 0;
    show(this.button, uses && subjects.length > 0);
    this.button.disabled = !able;
    if (subjects.join() !== this.#subjects.join()) {
      this.#subjects = subjects;
      this.#select.replaceChildren(...subjects.map(name => h('option', { value: name }, name)));
      show(this.#select, subjects.length > 1);
    }
  }

  #toggle(): void {
    this.element.hidden = !this.element.hidden;
    this.button.setAttribute('aria-expanded', String(!this.element.hidden));
    if (!this.element.hidden) void this.#load();
  }

  async #load(): Promise<void> {
    const subject = this.#select.value || this.#subjects[0];
    if (!subject) return;
    const answer = await ask({ type: 'values', step: this.#step, subject });
    if (!answer) return;
    this.#list.replaceChildren(
      ...Object.entries(answer.values).flatMap(([name, value]) => [
        h('dt', {}, h('code', {}, `$${name}`)),
        h('dd', {}, value === '' ? h('em', {}, 'empty') : h('code', {}, value)),
      ]),
    );
  }
}
