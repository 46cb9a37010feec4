/** One machine's line under a step: state, reason, and the buttons that make sense now. Buttons stay, and hide. */
import { duration } from '../../runner/duration.ts';
import type { Cell } from '../../runner/protocol/messages.ts';
import { h, setText, show } from './dom.ts';
import { icon, STATUS_WORDS } from './icons.ts';
import { ask } from './runner.ts';
import { store } from './store.ts';
import { ago, moment } from './words.ts';

interface Does {
  run(mode: 'run' | 'force' | 'check'): void;
  output(run: string, typing: boolean): void;
}

export class StepRow {
  readonly element: HTMLLIElement;
  /** The run whose output is open below the step. */
  shown: string | undefined;
  #cell: Cell | undefined;
  #hasCheck: boolean;
  #state = h('span', { class: 'kfs-state' });
  #reason = h('span', { class: 'kfs-reason' });
  #run: HTMLButtonElement;
  #stop: HTMLButtonElement;
  #hands: HTMLButtonElement;
  #accept: HTMLButtonElement;
  #check: HTMLButtonElement;
  #output: HTMLButtonElement;
  #transcript = h('a', { class: 'kfs-link' }, 'Transcript');
  #force = false;
  #refusal = '';
  #busy = false;
  #clock: number | undefined;

  constructor(step: string, subject: string, kind: string, does: Does) {
    this.#hasCheck = kind === 'step' || kind === 'event';
    const on = ` ${step} on ${subject}`;
    const button = (label: string, classes: string, onclick: () => void) =>
      h(
        'button',
        { type: 'button', class: `kfs-button ${classes}`, onclick, hidden: true },
        label,
        h('span', { class: 'sr-only' }, on),
      );
    this.#run = button('Run', 'primary', () => this.#busy || does.run(this.#mode()));
    this.#run.prepend(icon('play'));
    this.#stop = button('Stop', 'danger', () => this.#stopRun());
    this.#stop.prepend(icon('stop'));
    this.#hands = button(
      'It is done',
      'primary',
      () => void ask({ type: 'hands', run: this.#cell?.run ?? '' }),
    );
    this.#accept = button('Accept as it is', '', () => this.#acceptCell(step, subject));
    this.#check = button('Re-check', 'quiet', () => does.run('check'));
    this.#output = button(
      'Output',
      'quiet',
      () => this.#cell?.run && does.output(this.#cell.run, this.#cell.status === 'running'),
    );
    this.element = h(
      'li',
      { class: 'kfs-row' },
      h('span', { class: 'kfs-subject' }, subject),
      this.#state,
      this.#reason,
      h(
        'span',
        { class: 'kfs-actions' },
        this.#run,
        this.#hands,
        this.#stop,
        this.#accept,
        this.#check,
        this.#output,
        this.#transcript,
      ),
    );
  }

  render(cell: Cell, able: boolean): void {
    const { status, run } = cell;
    if (this.#cell?.status !== status || this.#cell?.run !== run) this.#force = false;
    if (this.#cell?.status !== status)
      this.#state.replaceChildren(icon(status), h('span', {}, STATUS_WORDS[status]));
    this.#cell = cell;
    this.element.dataset.status = status;
    const going = status === 'running' || status === 'lost';
    this.#buttons(status, going, run, able);
    this.#tick(going);
  }

  /** Pressed: nothing twice. */
  begin(): void {
    this.#refusal = '';
    this.#busy = true;
    // Not disabled: that would take the keyboard away from it before Stop is there.
    this.#run.setAttribute('aria-disabled', 'true');
  }

  settle(): void {
    this.#busy = false;
    if (this.#cell) this.render(this.#cell, store.link === 'on');
  }

  refuse(message: string): void {
    // Backquotes are for a terminal's reader.
    this.#refusal = message.replaceAll('`', '');
    this.settle();
  }

  #buttons(status: Cell['status'], going: boolean, run: string | undefined, able: boolean): void {
    const idle = !going && status !== 'hands';
    this.#run.classList.toggle('primary', status !== 'done');
    this.#run.classList.toggle('quiet', status === 'done');
    const words = status === 'done' || status === 'stale' || status === 'failed' ? 'Run again' : 'Run';
    if (this.#run.childNodes[1]?.textContent !== words) this.#run.childNodes[1]!.textContent = words;
    this.#stop.childNodes[1]!.textContent = this.#force ? 'Force stop' : 'Stop';
    show(this.#stop, going || status === 'hands');
    show(this.#hands, status === 'hands');
    show(this.#run, idle, this.#stop);
    if (idle) show(this.#stop, false, this.#run);
    show(this.#accept, status === 'stale', this.#run);
    show(this.#check, idle && this.#hasCheck && status !== 'todo', this.#run);
    show(this.#output, run !== undefined && status !== 'hands');
    show(this.#transcript, run !== undefined && !going && status !== 'hands');
    if (run) this.#transcript.setAttribute('href', `/progress/#run=${encodeURIComponent(run)}`);
    const open = this.shown !== undefined && this.shown === run;
    this.#output.setAttribute('aria-expanded', String(open));
    for (const each of [this.#stop, this.#hands, this.#accept, this.#check]) each.disabled = !able;
    this.#run.disabled = !able;
    this.#run.setAttribute('aria-disabled', String(this.#busy));
  }

  #mode(): 'run' | 'force' {
    return this.#cell?.status === 'stale' || this.#cell?.status === 'done' ? 'force' : 'run';
  }

  #stopRun(): void {
    const run = this.#cell?.run;
    if (!run) return;
    void ask({ type: 'stop', run, force: this.#force });
    this.#force = true;
    if (this.#cell) this.render(this.#cell, store.link === 'on');
  }

  #acceptCell(step: string, subject: string): void {
    const digest = store.step(step)?.digest;
    if (digest) void ask({ type: 'accept', step, subject, digest }, message => this.refuse(message));
  }

  /** Counts the seconds while it runs. */
  #tick(going: boolean): void {
    this.#describe();
    clearInterval(this.#clock);
    if (going) this.#clock = setInterval(() => this.#describe(), 1000);
  }

  #describe(): void {
    const cell = this.#cell;
    if (!cell) return;
    const took = cell.durationMs === undefined ? '' : `, took ${duration(cell.durationMs)}`;
    const since = started(cell.run);
    const words: Partial<Record<Cell['status'], string>> = {
      done: cell.provenAt === undefined ? cell.reason : `${ago(cell.provenAt)}${took}`,
      running: since === undefined ? cell.reason : `for ${duration(Date.now() - since)}`,
      todo: '',
    };
    setText(this.#reason, this.#refusal || (words[cell.status] ?? cell.reason));
    this.#reason.classList.toggle('refusal', this.#refusal !== '');
    if (cell.provenAt) this.#reason.title = `${cell.reason} (${moment(cell.provenAt)})`;
    else this.#reason.removeAttribute('title');
  }
}

/** When this page heard that a run began. */
const starts = new Map<string, number>();
store.on('event', ({ event }) => {
  if (event.type === 'run.started') starts.set(event.run, event.at);
  if (event.type === 'run.finished') starts.delete(event.run);
});
const started = (run: string | undefined): number | undefined =>
  run === undefined ? undefined : starts.get(run);
