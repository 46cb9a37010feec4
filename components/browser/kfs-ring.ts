/** A chapter's progress beside its name in the contents. */
import { h } from './dom.ts';
import { progressOf, progressWords } from './progress.ts';
import { store } from './store.ts';

const SVG = 'http://www.w3.org/2000/svg';
const AROUND = 2 * Math.PI * 6;

export class KfsRing extends HTMLElement {
  #done = circle('done');
  #words = h('span', { class: 'sr-only' });
  #undo: (() => void)[] = [];

  connectedCallback(): void {
    if (this.#undo.length > 0) return;
    const svg = document.createElementNS(SVG, 'svg');
    svg.setAttribute('viewBox', '0 0 16 16');
    svg.setAttribute('aria-hidden', 'true');
    const check = document.createElementNS(SVG, 'path');
    check.setAttribute('class', 'check');
    check.setAttribute('d', 'M5.2 8.2l2 2 3.6-4');
    svg.append(circle('whole'), this.#done, check);
    this.append(svg, this.#words);
    this.#undo = [store.on('book', () => this.#render()), store.on('cells', () => this.#render())];
    this.#render();
  }

  disconnectedCallback(): void {
    for (const undo of this.#undo.splice(0)) undo();
  }

  #render(): void {
    const slug = this.dataset.chapter ?? '';
    const steps = (store.book?.steps ?? []).filter(({ chapter }) => chapter === slug);
    const progress = progressOf(steps, id => store.cellsOf(id));
    const { total, done, worn, failed, running } = progress;
    this.hidden = total === 0;
    const part = total === 0 ? 0 : done / total;
    this.#done.style.strokeDasharray = `${part * AROUND} ${AROUND}`;
    this.dataset.state =
      running > 0 ? 'running' : failed > 0 ? 'failed' : worn > 0 ? 'worn' : part === 1 ? 'done' : 'some';
    this.title = progressWords(progress);
    this.#words.textContent = ` (${progressWords(progress)})`;
  }
}

function circle(name: string): SVGCircleElement {
  const element = document.createElementNS(SVG, 'circle');
  element.setAttribute('class', name);
  for (const [key, value] of [
    ['cx', '8'],
    ['cy', '8'],
    ['r', '6'],
  ] as const)
    element.setAttribute(key, value);
  return element;
}
