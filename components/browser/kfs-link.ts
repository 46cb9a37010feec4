/** In the header: is the runner there, and the way to a terminal. */
import { announce } from './announce.ts';
import { h, setText } from './dom.ts';
import { icon } from './icons.ts';
import type { LinkState } from './link.ts';
import { store } from './store.ts';

const WORDS: Record<LinkState, [string, string]> = {
  connecting: ['Connecting', 'Connecting to the runner.'],
  on: ['Connected', 'The runner is connected.'],
  waiting: [
    'Not connected',
    'The runner does not answer; trying again. Steps that run go on where they are.',
  ],
  'token-wrong': ['Not connected', 'The runner was started anew: open the address that it printed last.'],
  outdated: ['Reload needed', 'This page is older than the runner: reload it.'],
  'no-runner': ['No runner', 'No runner answers here.'],
};

export class KfsLink extends HTMLElement {
  #text = h('span', { class: 'kfs-link-text' });
  #undo: (() => void)[] = [];

  connectedCallback(): void {
    if (this.#undo.length > 0) return;
    this.append(h('span', { class: 'kfs-dot', 'aria-hidden': 'true' }), this.#text);
    this.append(
      h(
        'button',
        {
          type: 'button',
          class: 'kfs-button quiet',
          title: 'Terminal (Ctrl+`)',
          onclick: () => dispatchEvent(new Event('kfs-dock')),
        },
        icon('terminal'),
        h('span', { class: 'kfs-wide-only' }, 'Terminal'),
      ),
    );
    this.#undo = [store.on('link', state => this.#render(state, true))];
    this.#render(store.link, false);
  }

  disconnectedCallback(): void {
    for (const undo of this.#undo.splice(0)) undo();
  }

  #render(state: LinkState, aloud: boolean): void {
    const before = this.dataset.state;
    this.dataset.state = state;
    const [short, long] = WORDS[state];
    setText(this.#text, short);
    this.title = long;
    const worthSaying = state !== 'connecting' && (state !== 'on' || before === 'waiting');
    if (aloud && worthSaying && before !== state) announce(long);
  }
}
