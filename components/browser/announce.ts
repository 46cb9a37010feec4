/** One polite live region for the page: what a screen reader is told, and a short notice for everyone else. */
import { h } from './dom.ts';

let region: HTMLElement | undefined;
let notice: HTMLElement | undefined;
let timer: number | undefined;

/** Said once the reader pauses. */
export function announce(message: string, seen = true): void {
  region ??= place(h('div', { class: 'sr-only', role: 'status', 'aria-live': 'polite' }));
  // A changed node is said again even when the words are the same.
  region.replaceChildren(h('p', {}, message));
  if (seen) showNotice(message);
}

function showNotice(message: string): void {
  notice ??= place(h('p', { class: 'kfs-notice-bar', 'aria-hidden': 'true' }));
  notice.textContent = message;
  notice.dataset.shown = '';
  clearTimeout(timer);
  timer = setTimeout(() => delete notice?.dataset.shown, 6000);
}

function place(element: HTMLElement): HTMLElement {
  document.body.append(element);
  return element;
}
