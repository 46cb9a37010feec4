/** The output of a run as a source: its transcript, which is on disk before anyone is told of it. */
import type { Size } from '../protocol/messages.ts';
import type { Runner } from '../run/runner.ts';
import type { Reader, Source } from './source.ts';

export class RunSource implements Source {
  readonly readers = new Set<Reader>();
  readonly run: string;
  #runner: Runner;

  constructor(runner: Runner, run: string) {
    this.#runner = runner;
    this.run = run;
  }

  read(offset: number, length: number): { offset: number; bytes: Uint8Array } {
    return { offset, bytes: this.#runner.transcript(this.run, offset, length).bytes };
  }

  total(): number {
    return this.#runner.transcript(this.run, 0, 0).total;
  }

  ended(): boolean {
    return this.#runner.transcript(this.run, 0, 0).complete;
  }

  input(bytes: Uint8Array): Promise<void> {
    return this.#runner.input(this.run, bytes);
  }

  resize(size: Size): Promise<void> {
    return this.#runner.resize(this.run, size);
  }

  /** The supervisor writes to disk at its own pace; no page can hold it up. */
  acknowledged(): void {}
}
