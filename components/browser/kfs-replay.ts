/** One run again, as it was: what came of it, its transcript in a terminal with its timing, and both to take away. */
import { duration } from '../../runner/duration.ts';
import type { RunInfo } from '../../runner/protocol/messages.ts';
import { announce } from './announce.ts';
import { h, setText, show } from './dom.ts';
import type { Follow } from './follow.ts';
import { Player } from './player.ts';
import { ask, runner } from './runner.ts';
import { store } from './store.ts';
import type { Screen } from './terminal.ts';
import { moment, size } from './words.ts';

const ROWS = 24;
/** Of a longer transcript only the end is shown: a page is no place for a gigabyte. It can be downloaded whole. */
const MOST_REPLAYED = 16 * 1024 * 1024;
const LAST = 512 * 1024;

export class KfsReplay extends HTMLElement {
  #title = h('h2', { id: 'kfs-replay-title', tabindex: -1 });
  #facts = h('dl', { class: 'kfs-facts' });
  #history = h('select', {
    'aria-label': 'Runs of this step there',
    onchange: () => this.#choose(this.#history.value),
  });
  #play = h(
    'button',
    { type: 'button', class: 'kfs-button primary', onclick: () => this.#player?.toggle() },
    'Play',
  );
  #seek = h('input', {
    type: 'range',
    min: 0,
    max: 1000,
    value: 1000,
    'aria-label': 'Time',
    oninput: () => this.#player?.seek(Number(this.#seek.value) / 1000),
  });
  #speed = h(
    'select',
    { 'aria-label': 'Speed', onchange: () => this.#player?.setSpeed(Number(this.#speed.value)) },
    ...[0.5, 1, 2, 5, 20].map(speed => h('option', { value: speed, selected: speed === 1 }, `${speed} ×`)),
  );
  #time = h('span', { class: 'kfs-replay-time' });
  #screenHolder = h('div', { class: 'kfs-live' });
  #bar = h('div', { class: 'kfs-replay-bar' });
  #run = '';
  #screen: Screen | undefined;
  #player: Player | undefined;
  #follow: Follow | undefined;
  #turn = 0;
  #undo: (() => void)[] = [];

  connectedCallback(): void {
    if (this.#undo.length > 0) return;
    this.hidden = true;
    this.setAttribute('role', 'region');
    this.setAttribute('aria-labelledby', 'kfs-replay-title');
    const download = (form: string, label: string) =>
      h(
        'button',
        { type: 'button', class: 'kfs-button quiet', onclick: () => void this.#download(form) },
        label,
      );
    const close = h(
      'button',
      {
        type: 'button',
        class: 'kfs-button quiet',
        onclick: () => {
          location.hash = '';
        },
      },
      'Close',
    );
    this.#bar.append(this.#play, this.#seek, this.#time, this.#speed);
    this.append(
      h('div', { class: 'kfs-replay-head' }, this.#title, this.#history, close),
      this.#facts,
      this.#screenHolder,
      this.#bar,
    );
    this.append(
      h(
        'p',
        { class: 'kfs-actions start' },
        download('raw', 'Download as printed'),
        download('cast', 'Download for asciinema'),
      ),
    );
    const hashed = () => this.#choose(/^#run=(.+)$/.exec(location.hash)?.[1] ?? '');
    addEventListener('hashchange', hashed);
    this.#undo = [
      () => removeEventListener('hashchange', hashed),
      store.on('book', hashed),
      store.on(
        'event',
        ({ event }) => event.type === 'run.finished' && event.run === this.#run && void this.#open(this.#run),
      ),
    ];
    if (store.book) hashed();
  }

  disconnectedCallback(): void {
    for (const undo of this.#undo.splice(0)) undo();
    this.#end();
  }

  #choose(id: string): void {
    const run = decodeURIComponent(id);
    if (run === this.#run) return;
    this.#run = run;
    if (location.hash !== `#run=${encodeURIComponent(run)}` && run)
      history.replaceState(null, '', `#run=${encodeURIComponent(run)}`);
    if (run) void this.#open(run);
    else {
      this.#end();
      this.hidden = true;
    }
  }

  async #open(run: string): Promise<void> {
    this.#end();
    const turn = ++this.#turn;
    const info = await ask({ type: 'run.info', run }, message => announce(message));
    if (!info || turn !== this.#turn) return;
    const answer = await ask({ type: 'runs', step: info.step, subject: info.subject }, () => {});
    this.#describe(info, answer?.runs ?? [info]);
    if (this.hidden) {
      this.hidden = false;
      this.scrollIntoView({ block: 'start' });
      this.#title.focus({ preventScroll: true });
    }
    const { openScreen } = await import('./terminal.ts');
    if (turn !== this.#turn) return;
    this.#screen = await openScreen(this.#screenHolder, {
      label: `Transcript of ${info.step}`,
      rows: ROWS,
      interactive: false,
    });
    if (turn === this.#turn) await this.#load(info, turn, this.#screen);
  }

  async #load({ run, bytes = 0 }: RunInfo, turn: number, screen: Screen): Promise<void> {
    if (bytes > MOST_REPLAYED) {
      show(this.#bar, false);
      this.#follow = runner().follow(
        { run, last: LAST },
        { write: (piece, done) => screen.terminal.write(piece, done) },
      );
      return;
    }
    const response = await runner().fetch(`/api/runs/${encodeURIComponent(run)}.cast`);
    if (turn !== this.#turn) return;
    if (!response.ok) {
      screen.terminal.write('\x1b[2mIt has printed nothing: it was not run here.\x1b[0m');
      show(this.#bar, false);
      return;
    }
    const player = await Player.load(response, screen.terminal, (at, total, playing) => {
      this.#seek.value = String(total === 0 ? 1000 : Math.round((at / total) * 1000));
      setText(this.#time, `${at.toFixed(1)} of ${total.toFixed(1)} s`);
      setText(this.#play, playing ? 'Pause' : 'Play');
    });
    if (turn !== this.#turn) return player.stop();
    this.#player = player;
    player.setSpeed(Number(this.#speed.value));
    show(this.#bar, player.total > 0);
    player.seek(1);
    // No taller than what was printed.
    screen.terminal.write('', () => {
      const { baseY, cursorY } = screen.terminal.buffer.active;
      const rows = Math.min(ROWS, Math.max(4, baseY + cursorY + 1));
      if (rows < screen.terminal.rows) screen.terminal.resize(screen.terminal.cols, rows);
    });
  }

  #describe(info: RunInfo, runs: RunInfo[]): void {
    setText(this.#title, `${info.step} on ${info.subject}`);
    const label = (run: RunInfo) => `${moment(run.startedAt)}: ${run.outcome ?? 'running'}`;
    this.#history.replaceChildren(
      ...runs.map(run => h('option', { value: run.run, selected: run.run === info.run }, label(run))),
    );
    show(this.#history, runs.length > 1);
    const facts: [string, string | undefined][] = [
      ['Outcome', info.outcome ? `${info.outcome}. ${info.reason ?? ''}` : 'it goes on'],
      ['Begun', `${moment(info.startedAt)}, asked by ${info.by}`],
      ['Took', info.durationMs === undefined ? undefined : duration(info.durationMs)],
      ['Exit status', info.status === undefined ? undefined : String(info.status)],
      [
        'Check',
        info.check && `${info.check.holds ? 'holds' : 'does not hold'} (status ${info.check.status})`,
      ],
      ['Printed', info.bytes === undefined ? undefined : `${size(info.bytes)}, sha256 ${info.sha256}`],
    ];
    this.#facts.replaceChildren(
      ...facts.flatMap(([name, value]) =>
        value === undefined ? [] : [h('dt', {}, name), h('dd', {}, value)],
      ),
    );
    if (info.check && !info.check.holds && info.check.output.trim()) {
      this.#facts.append(h('dt', {}, 'The check said'), h('dd', {}, h('pre', {}, info.check.output.trim())));
    }
  }

  async #download(form: string): Promise<void> {
    const response = await runner().fetch(`/api/runs/${encodeURIComponent(this.#run)}.${form}`);
    if (!response.ok) return announce('There is nothing to download: it was not run here.');
    const url = URL.createObjectURL(await response.blob());
    h('a', { href: url, download: `${this.#run}.${form}` }).click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  }

  #end(): void {
    this.#turn++;
    this.#player?.stop();
    this.#follow?.close();
    this.#screen?.dispose();
    this.#screenHolder.replaceChildren();
    this.#player = undefined;
    this.#screen = undefined;
  }
}
