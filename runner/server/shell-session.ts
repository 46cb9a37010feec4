/**
 * A terminal on a machine that outlives the page which opened it: a reload joins it again by offset. It keeps
 * the last mebibyte; the program behind it is held up only when every page that looks at it is behind.
 */
import type { Shell } from '../machine/machine.ts';
import type { Size } from '../protocol/messages.ts';
import type { Reader, Source } from './source.ts';

const KEEP = 1024 * 1024;
const PAUSE_AT = 512 * 1024;
const RESUME_AT = 128 * 1024;

export class ShellSession implements Source {
  readonly id: number;
  readonly machine: string;
  readonly readers = new Set<Reader>();
  #shell: Shell;
  #pieces: Uint8Array[] = [];
  /** Offset of the first kept byte, and after the last. */
  #start = 0;
  #end = 0;
  #paused = false;
  #ended = false;

  constructor(id: number, machine: string, shell: Shell, changed: () => void) {
    this.id = id;
    this.machine = machine;
    this.#shell = shell;
    shell.onData(bytes => this.#append(bytes));
    shell.onExit(() => {
      this.#ended = true;
      this.#kick();
      changed();
    });
  }

  read(offset: number, length: number): { offset: number; bytes: Uint8Array } {
    const from = Math.max(offset, this.#start);
    let at = this.#start;
    for (const piece of this.#pieces) {
      if (from < at + piece.length) {
        return { offset: from, bytes: piece.subarray(from - at, from - at + length) };
      }
      at += piece.length;
    }
    return { offset: from, bytes: new Uint8Array() };
  }

  total(): number {
    return this.#end;
  }

  ended(): boolean {
    return this.#ended;
  }

  async input(bytes: Uint8Array): Promise<void> {
    if (!this.#ended) this.#shell.write(bytes);
  }

  async resize(size: Size): Promise<void> {
    if (!this.#ended) this.#shell.resize(size);
  }

  acknowledged(): void {
    const behind = this.#behind();
    if (!this.#paused && behind > PAUSE_AT) {
      this.#paused = true;
      this.#shell.pause();
    } else if (this.#paused && behind < RESUME_AT) {
      this.#paused = false;
      this.#shell.resume();
    }
  }

  kill(): void {
    if (!this.#ended) this.#shell.kill();
  }

  /** How far the page that shows most is behind; 0 when nobody looks. */
  #behind(): number {
    let least = Number.POSITIVE_INFINITY;
    for (const reader of this.readers) least = Math.min(least, this.#end - reader.acked);
    return Number.isFinite(least) ? least : 0;
  }

  #append(bytes: Uint8Array): void {
    this.#pieces.push(bytes);
    this.#end += bytes.length;
    while (this.#end - this.#start > KEEP && this.#pieces.length > 1) {
      this.#start += this.#pieces.shift()!.length;
    }
    this.acknowledged();
    this.#kick();
  }

  #kick(): void {
    for (const reader of this.readers) reader.kick();
  }
}
