/** Book and plan change on disk: the page says what became of it, and when to reload. */
import { announce } from './announce.ts';
import { h } from './dom.ts';
import { store } from './store.ts';

/** Stays until it is answered; a reload is the reader's to make: he may be in the middle of something. */
export function watchSite(): void {
  let bar: HTMLElement | undefined;
  const say = (words: string, reload: boolean) => {
    bar?.remove();
    const button = h(
      'button',
      { type: 'button', class: 'kfs-button primary', onclick: () => location.reload() },
      'Reload',
    );
    bar = h(
      'div',
      { class: 'kfs-site-notice', role: 'region', 'aria-label': 'The book has changed' },
      h('p', {}, words),
      reload && button,
    );
    document.body.append(bar);
    announce(words, false);
  };
  let problem: string | undefined;
  store.on('book', () => {
    if (store.planProblem && store.planProblem !== problem)
      say(`The plan cannot be used: nothing runs on it. ${store.planProblem}`, false);
    else if (problem && !store.planProblem) bar?.remove();
    problem = store.planProblem;
  });
  store.on('site', ({ state, message }) => {
    if (state === 'building') say('The book has changed; its pages are being made.', false);
    if (state === 'ready') say('The pages are new.', true);
    if (state === 'failed') say(`The pages could not be made. ${message}`, false);
    if (state === 'broken') say(`The book does not compile; the last good one stays. ${message}`, false);
  });
}
