/** The terminals at the foot of the page: a real shell on any machine of the plan, kept over reloads. */
import { announce } from './announce.ts';
import { h, show } from './dom.ts';
import type { Follow } from './follow.ts';
import { icon } from './icons.ts';
import { ask, runner } from './runner.ts';
import { store } from './store.ts';
import type { Screen } from './terminal.ts';

const ROWS = 16;
const OPEN = 'kfs.dock';
const SHELL = 'kfs.dock.shell';

export class KfsDock extends HTMLElement {
  #machine = h('select', { 'aria-label': 'Machine' });
  #tabs = h('div', { class: 'kfs-dock-tabs', role: 'tablist', 'aria-label': 'Terminals' });
  #body = h('div', { class: 'kfs-dock-body', role: 'tabpanel', 'aria-label': 'Terminal' });
  #empty = h(
    'p',
    { class: 'kfs-dock-empty' },
    'Choose a machine and open a terminal on it. It stays when you turn the page.',
  );
  #active: number | undefined;
  #screen: Screen | undefined;
  #follow: Follow | undefined;
  #turn = 0;
  #undo: (() => void)[] = [];
  #resized = new ResizeObserver(() => this.#fit());
  #before: Element | null = null;

  connectedCallback(): void {
    if (this.#undo.length > 0) return;
    this.setAttribute('role', 'region');
    this.setAttribute('aria-label', 'Terminals');
    const add = h(
      'button',
      { type: 'button', class: 'kfs-button', onclick: () => void this.#add() },
      'New terminal',
    );
    const hide = h(
      'button',
      { type: 'button', class: 'kfs-button quiet', title: 'Hide (Ctrl+`)', onclick: () => this.toggle() },
      'Hide',
    );
    const keys = h('span', { class: 'kfs-dock-keys' }, h('kbd', {}, 'Ctrl'), ' ', h('kbd', {}, '`'));
    this.append(
      h('div', { class: 'kfs-dock-head' }, this.#tabs, this.#machine, add, keys, hide),
      this.#empty,
      this.#body,
    );
    this.#undo = [
      store.on('shells', () => this.#render()),
      store.on('book', () => this.#offer()),
      store.on('link', () => this.#render()),
    ];
    this.#offer();
    this.#render();
    this.#resized.observe(this.#body);
  }

  disconnectedCallback(): void {
    for (const undo of this.#undo.splice(0)) undo();
    this.#resized.disconnect();
    this.#leave();
  }

  /** `take` takes the keyboard too; a dock that was open before a reload does not. */
  open(take = true): void {
    this.#before = document.activeElement;
    this.hidden = false;
    document.documentElement.dataset.dock = '';
    sessionStorage.setItem(OPEN, 'open');
    const last = Number(sessionStorage.getItem(SHELL));
    const shell = store.shells.find(({ id }) => id === last) ?? store.shells.at(-1);
    if (shell) void this.#show(shell.id, take);
    else if (take) this.#machine.focus();
  }

  /** Ctrl+` from anywhere: comes, takes the keyboard, goes and gives it back. */
  toggle(): void {
    if (this.hidden) this.open();
    else if (!this.contains(document.activeElement) && this.#screen) this.#screen.terminal.focus();
    else this.#hide();
  }

  #hide(): void {
    this.hidden = true;
    delete document.documentElement.dataset.dock;
    sessionStorage.removeItem(OPEN);
    if (this.#before instanceof HTMLElement) this.#before.focus();
  }

  #offer(): void {
    const chosen = this.#machine.value;
    this.#machine.replaceChildren(...store.subjects().map(name => h('option', { value: name }, name)));
    if (store.subjects().includes(chosen)) this.#machine.value = chosen;
  }

  #render(): void {
    this.#tabs.replaceChildren(
      ...store.shells.map(({ id, machine, ended }) => this.#tab(id, machine, ended)),
    );
    show(this.#empty, store.shells.length === 0);
    show(this.#body, store.shells.length > 0);
    if (
      this.#active !== undefined &&
      store.link === 'on' &&
      !store.shells.some(({ id }) => id === this.#active)
    ) {
      this.#leave();
    }
    // After a reload: the one that was looked at.
    if (this.#active === undefined && !this.hidden && store.shells.length > 0) {
      const last = Number(sessionStorage.getItem(SHELL));
      void this.#show((store.shells.find(({ id }) => id === last) ?? store.shells.at(-1)!).id, false);
    }
  }

  #tab(id: number, machine: string, ended: boolean): HTMLElement {
    const selected = id === this.#active;
    const same = store.shells.filter(shell => shell.machine === machine);
    const name = same.length > 1 ? `${machine} ${same.findIndex(shell => shell.id === id) + 1}` : machine;
    return h(
      'span',
      { class: 'kfs-dock-tab', role: 'presentation', 'data-selected': selected || undefined },
      h(
        'button',
        {
          type: 'button',
          role: 'tab',
          'aria-selected': selected,
          tabindex: selected ? 0 : -1,
          onclick: () => void this.#show(id, true),
          onkeydown: event => this.#arrow(event, id),
        },
        ended ? `${name} (ended)` : name,
      ),
      h(
        'button',
        {
          type: 'button',
          class: 'kfs-dock-close',
          tabindex: selected ? 0 : -1,
          'aria-label': `Close the terminal on ${name}`,
          onclick: () => void ask({ type: 'shell.close', shell: id }),
        },
        icon('close'),
      ),
    );
  }

  #arrow(event: KeyboardEvent, id: number): void {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by) return;
    const at = store.shells.findIndex(shell => shell.id === id);
    const next = store.shells[(at + by + store.shells.length) % store.shells.length];
    if (next)
      void this.#show(next.id, false).then(() =>
        this.#tabs.querySelector<HTMLElement>('[aria-selected="true"]')?.focus(),
      );
  }

  async #add(): Promise<void> {
    const machine = this.#machine.value;
    const answer = await ask({ type: 'shell.open', machine, size: { columns: 80, rows: ROWS } });
    if (answer) await this.#show(answer.shell, true);
  }

  async #show(id: number, focus: boolean): Promise<void> {
    if (id === this.#active && this.#screen) return focus ? this.#screen.terminal.focus() : undefined;
    this.#leave();
    const turn = ++this.#turn;
    this.#active = id;
    sessionStorage.setItem(SHELL, String(id));
    this.#render();
    const { openScreen } = await import('./terminal.ts');
    if (turn !== this.#turn) return;
    const machine = store.shells.find(shell => shell.id === id)?.machine ?? '';
    const screen = await openScreen(this.#body, {
      label: `Terminal on ${machine}`,
      rows: ROWS,
      interactive: true,
    });
    if (turn !== this.#turn) return screen.dispose();
    this.#screen = screen;
    this.#join(id, screen);
    this.#fit();
    if (focus) screen.terminal.focus();
  }

  #join(id: number, screen: Screen): void {
    const { terminal } = screen;
    this.#follow = runner().follow(
      { shell: id },
      {
        write: (bytes, done, gap) => {
          if (gap) terminal.reset();
          terminal.write(bytes, done);
        },
        ended: () => terminal.write('\r\n\x1b[2m[the shell has ended]\x1b[0m\r\n'),
        failed: message => announce(message),
      },
      0,
    );
    const encoder = new TextEncoder();
    terminal.onData(text => this.#follow?.send(encoder.encode(text)));
    terminal.onBinary(text => this.#follow?.send(Uint8Array.from(text, letter => letter.charCodeAt(0))));
    terminal.attachCustomKeyEventHandler(event => !(event.ctrlKey && event.key === '`'));
  }

  #fit(): void {
    if (this.hidden || !this.#screen) return;
    this.#follow?.resize(this.#screen.fit());
  }

  #leave(): void {
    this.#turn++;
    this.#follow?.close();
    this.#screen?.dispose();
    this.#body.replaceChildren();
    this.#follow = undefined;
    this.#screen = undefined;
    this.#active = undefined;
  }
}
