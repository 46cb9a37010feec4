/** Plays an asciicast into a terminal: play, pause, any speed, any moment. */
import type { Terminal } from '@xterm/xterm';

type Piece = [seconds: number, type: string, text: string];
type Told = (at: number, total: number, playing: boolean) => void;

/** A wait longer than this is cut to it, in seconds: nobody watches an hour of silence. */
const LONGEST_SILENCE = 3;

export class Player {
  readonly total: number;
  #pieces: Piece[];
  #terminal: Terminal;
  #told: Told;
  #next = 0;
  #at = 0;
  #speed = 1;
  #frame: number | undefined;

  private constructor(pieces: Piece[], terminal: Terminal, told: Told) {
    this.#pieces = pieces;
    this.#terminal = terminal;
    this.#told = told;
    this.total = pieces.at(-1)?.[0] ?? 0;
  }

  static async load(response: Response, terminal: Terminal, told: Told): Promise<Player> {
    const [head = '', ...lines] = (await response.text()).split('\n');
    const header = parse(head) as { width?: number; height?: number } | undefined;
    if (header?.width) terminal.resize(Math.min(300, header.width), terminal.rows);
    const pieces = lines.map(parse).filter((line): line is Piece => Array.isArray(line));
    return new Player(withoutSilence(pieces), terminal, told);
  }

  setSpeed(speed: number): void {
    this.#speed = speed;
  }

  toggle(): void {
    if (this.#frame !== undefined) this.#pause();
    else this.#play();
  }

  /** A part of the whole, 0 to 1: the screen as it was then. */
  seek(part: number): void {
    const playing = this.#frame !== undefined;
    this.#pause();
    this.#terminal.reset();
    this.#next = 0;
    this.#show(part >= 1 ? Number.POSITIVE_INFINITY : part * this.total);
    if (playing) this.#play();
  }

  stop(): void {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#frame = undefined;
  }

  #play(): void {
    if (this.#next >= this.#pieces.length) this.seek(0);
    let before = performance.now();
    const step = (now: number) => {
      this.#frame = requestAnimationFrame(step);
      this.#show(this.#at + ((now - before) / 1000) * this.#speed);
      before = now;
      if (this.#next >= this.#pieces.length) this.#pause();
    };
    this.#frame = requestAnimationFrame(step);
    this.#told(this.#at, this.total, true);
  }

  #pause(): void {
    this.stop();
    this.#told(this.#at, this.total, false);
  }

  #show(until: number): void {
    let text = '';
    for (
      let piece = this.#pieces[this.#next];
      piece && piece[0] <= until;
      piece = this.#pieces[++this.#next]
    ) {
      if (piece[1] === 'o') text += piece[2];
    }
    this.#at = Math.min(until, this.total);
    if (text) this.#terminal.write(text);
    this.#told(this.#at, this.total, this.#frame !== undefined);
  }
}

function withoutSilence(pieces: Piece[]): Piece[] {
  let cut = 0;
  let before = 0;
  return pieces.map(([seconds, type, text]) => {
    cut += Math.max(0, seconds - before - LONGEST_SILENCE);
    before = seconds;
    return [seconds - cut, type, text];
  });
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
