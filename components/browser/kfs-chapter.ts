/** A chapter's progress above its text: a bar, and what can be run as a whole. */
import { announce } from './announce.ts';
import { h, setText, show } from './dom.ts';
import { icon } from './icons.ts';
import { progressOf, progressWords } from './progress.ts';
import { runSeries } from './run-series.ts';
import { ask } from './runner.ts';
import { store } from './store.ts';

export class KfsChapter extends HTMLElement {
  #bar = h('div', {
    class: 'kfs-bar',
    role: 'progressbar',
    'aria-label': 'Steps of this chapter',
    'aria-valuemin': 0,
  });
  #words = h('p', { class: 'kfs-chapter-words' });
  #run = h(
    'button',
    { type: 'button', class: 'kfs-button', onclick: () => void runSeries({ what: [this.#slug] }) },
    icon('play'),
    'Run chapter',
  );
  #stale = h(
    'button',
    {
      type: 'button',
      class: 'kfs-button',
      onclick: () => void runSeries({ what: [this.#slug], stale: true }),
    },
    'Run what is stale',
  );
  #stop = h(
    'button',
    { type: 'button', class: 'kfs-button danger', hidden: true, onclick: () => this.#end() },
    icon('stop'),
    'Stop after this step',
  );
  #undo: (() => void)[] = [];

  connectedCallback(): void {
    if (this.#undo.length > 0) return;
    this.classList.add('not-content');
    for (const part of ['done', 'running', 'worn', 'failed']) this.#bar.append(h('span', { class: part }));
    this.append(
      this.#bar,
      h(
        'div',
        { class: 'kfs-chapter-line' },
        this.#words,
        h('span', { class: 'kfs-actions' }, this.#run, this.#stale, this.#stop),
      ),
    );
    this.#undo = [
      store.on('book', () => this.#render()),
      store.on('cells', () => this.#render()),
      store.on('link', () => this.#render()),
      store.on('series', series => {
        this.#render();
        if (series?.state === 'ended')
          announce(`${series.title}: ended, ${series.done} done, ${series.failed} failed`);
      }),
    ];
    this.#render();
  }

  disconnectedCallback(): void {
    for (const undo of this.#undo.splice(0)) undo();
  }

  get #slug(): string {
    return this.dataset.chapter ?? '';
  }

  #render(): void {
    const steps = (store.book?.steps ?? []).filter(({ chapter }) => chapter === this.#slug);
    const progress = progressOf(steps, id => store.cellsOf(id));
    const { total, done } = progress;
    this.hidden = total === 0;
    this.#bar.setAttribute('aria-valuemax', String(total));
    this.#bar.setAttribute('aria-valuenow', String(done));
    this.#bar.setAttribute('aria-valuetext', progressWords(progress));
    for (const part of this.#bar.children as HTMLCollectionOf<HTMLElement>) {
      part.style.width = `${(100 * progress[part.className as 'done']) / Math.max(1, total)}%`;
    }
    const { series } = store;
    const going = series
      ? `${series.state === 'stopping' ? 'Stopping' : 'Running'} ${series.title}: ${series.done} of ${series.total}`
      : '';
    setText(this.#words, going || sentence(progressWords(progress)));
    const stale = steps.some(({ id }) => store.cellsOf(id).some(({ status }) => status === 'stale'));
    this.#run.disabled = this.#stale.disabled = store.link !== 'on';
    this.#stop.disabled = series?.state === 'stopping';
    show(this.#stop, series !== undefined);
    show(this.#run, !series && done < total, this.#stop);
    show(this.#stale, !series && stale, this.#stop);
  }

  #end(): void {
    if (store.series) void ask({ type: 'series.stop', id: store.series.id });
  }
}

const sentence = (text: string): string => `${text}.`;
