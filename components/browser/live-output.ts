/** The output of one run below its step: live while it runs, with a line to type into it, and kept when done. */
import type { Size } from '../../runner/protocol/messages.ts';
import { h } from './dom.ts';
import type { Follow } from './follow.ts';
import { runner } from './runner.ts';
import type { Screen } from './terminal.ts';

const ROWS = 12;
/** What is shown of a run that is joined late; the transcript has all of it. */
const LAST = 512 * 1024;

/** Before xterm is there: what it will hold, for the size that a program is told with its first byte. */
export function likelySize(holder: HTMLElement): Size {
  const context = document.createElement('canvas').getContext('2d');
  if (context)
    context.font = `13px ${getComputedStyle(document.documentElement).getPropertyValue('--mono') || 'monospace'}`;
  const width = context?.measureText('mmmmmmmmmm').width ?? 78;
  const columns = Math.floor((holder.clientWidth - 40) / (width / 10));
  return { columns: Math.min(250, Math.max(20, columns)), rows: ROWS };
}

export class LiveOutput {
  readonly element = h('div', { class: 'kfs-live', hidden: true });
  #run: string | undefined;
  #label: string;
  #screen: Screen | undefined;
  #follow: Follow | undefined;
  /** It runs: sizes and keys are for it. */
  #live = false;
  #turn = 0;
  #resized = new ResizeObserver(() => this.#fit());

  constructor(label: string) {
    this.#label = label;
  }

  get run(): string | undefined {
    return this.element.hidden ? undefined : this.#run;
  }

  /** Shows a run from its beginning, or from not too long ago. `typing` while it can take input. */
  async open(run: string, typing: boolean): Promise<void> {
    if (this.#run === run && this.#screen) return this.#reveal();
    this.close();
    const turn = ++this.#turn;
    this.#run = run;
    this.#live = typing;
    this.element.hidden = false;
    this.element.dataset.state = 'loading';
    const { openScreen } = await import('./terminal.ts');
    if (turn !== this.#turn) return;
    const screen = await openScreen(this.element, { label: this.#label, rows: ROWS, interactive: typing });
    if (turn !== this.#turn) return screen.dispose();
    this.#screen = screen;
    delete this.element.dataset.state;
    screen.fit();
    this.#follow = runner().follow(
      { run, last: LAST },
      {
        write: (bytes, done) => screen.terminal.write(bytes, done),
        ended: () => this.#ended(screen),
        failed: message => screen.terminal.write(`\x1b[2m${message}\x1b[0m`),
      },
    );
    this.#fit();
    const encoder = new TextEncoder();
    screen.terminal.onData(text => this.#follow?.send(encoder.encode(text)));
    screen.terminal.onBinary(text =>
      this.#follow?.send(Uint8Array.from(text, letter => letter.charCodeAt(0))),
    );
    this.#resized.observe(this.element);
  }

  /** Puts the cursor into it, for a program that asks something. */
  focus(): void {
    this.#screen?.terminal.focus();
  }

  close(): void {
    this.#turn++;
    this.#resized.disconnect();
    this.#follow?.close();
    this.#screen?.dispose();
    this.#follow = undefined;
    this.#screen = undefined;
    this.#run = undefined;
    this.element.replaceChildren();
    delete this.element.dataset.state;
    this.element.hidden = true;
  }

  #reveal(): void {
    this.element.hidden = false;
  }

  #fit(): void {
    if (this.element.hidden || !this.#screen) return;
    const size = this.#screen.fit();
    if (this.#live) this.#follow?.resize(size);
  }

  /** What is written is shown before the screen is cut to it. */
  #ended(screen: Screen): void {
    this.#live = false;
    screen.terminal.write('', async () => {
      const { settle } = await import('./terminal.ts');
      if (screen !== this.#screen) return;
      if (settle(screen.terminal) === 0) this.element.dataset.state = 'silent';
    });
  }
}
