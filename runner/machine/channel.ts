/**
 * One request to the supervisor: a child process (bash here, or an ssh client) whose stdin takes the request,
 * whose stdout carries raw bytes, and whose stderr carries words: lines that begin with a mark.
 */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { TextLines } from './lines.ts';

const MARK = '\x01kfs';
/** Bytes of a child's other stderr that are kept to explain why it ended. */
const KEPT = 4096;

export class Channel {
  readonly #child: ChildProcess;
  readonly #words: string[] = [];
  #waiters: (() => void)[] = [];
  #preamble: Buffer | null = Buffer.alloc(0);
  #beat: NodeJS.Timeout | undefined;
  #killer: NodeJS.Timeout | undefined;
  /** stderr that was not a word: what ssh, or bash, complained about. */
  complaint = '';
  /** No more words will come. */
  closed = false;
  /** No more bytes will come. */
  drained = false;

  constructor(child: ChildProcess) {
    this.#child = child;
    const lines = new TextLines(line => this.#takeLine(line));
    child.stderr?.on('data', (bytes: Buffer) => lines.push(bytes));
    child.stdout?.on('readable', () => this.#wake());
    child.stdout?.on('close', () => this.#drain());
    child.stdin?.on('error', () => {}); // told by `closed`
    child.on('error', error => {
      this.complaint += error.message;
      this.#drain();
      this.#close();
    });
    // Not the child's `close`, which waits until its output is read.
    const over = [once(child, 'exit'), once(child.stderr as Readable, 'close')];
    Promise.all(over).then(
      () => this.#close(),
      () => this.#close(),
    );
  }

  /** Sends a request or a line of one. */
  send(...parts: (string | Uint8Array)[]): void {
    if (!this.#child.stdin?.writable) return;
    this.#child.stdin.write(
      Buffer.concat(parts.map(part => (typeof part === 'string' ? Buffer.from(part) : part))),
    );
  }

  /** Says every 20 s that we are still here: the other end gives up after 90 s of silence. */
  keepAlive(): void {
    this.#beat ??= setInterval(() => this.send('\n'), 20_000).unref();
  }

  /** The next word, or null when the channel has ended. */
  async word(signal?: AbortSignal): Promise<string | null> {
    for (;;) {
      const word = this.takeWord();
      if (word !== undefined) return word;
      if (this.closed) return null;
      await this.changed(signal);
    }
  }

  takeWord(): string | undefined {
    return this.#words.shift();
  }

  /** Bytes that have come, at most what the stream buffers; null if there are none now. */
  read(): Buffer | null {
    const bytes = this.#child.stdout?.read() as Buffer | null;
    return bytes === null || this.#preamble === null ? bytes : this.#skipPreamble(bytes);
  }

  /** Resolves at the next word, byte or end. */
  changed(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    return new Promise((resolve, reject) => {
      const abort = () => reject(signal?.reason);
      signal?.addEventListener('abort', abort, { once: true });
      this.#waiters.push(() => {
        signal?.removeEventListener('abort', abort);
        resolve();
      });
    });
  }

  /** No more requests: the other end finishes what it does and goes. */
  end(): void {
    clearInterval(this.#beat);
    this.#child.stdin?.end();
  }

  /** Ends the channel: nothing that still comes is wanted. The other end sees end of file, and has 2 s to go. */
  destroy(): void {
    this.end();
    this.#child.stdout?.destroy();
    if (!this.closed) this.#killer ??= setTimeout(() => this.#child.kill('SIGTERM'), 2000).unref();
  }

  async ended(): Promise<void> {
    while (!this.closed) await this.changed();
  }

  /** For tests: the process that can be killed to break the link. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** What a login script prints comes before the supervisor's first line; it is not the step's. */
  #skipPreamble(bytes: Buffer): Buffer | null {
    const all = Buffer.concat([this.#preamble ?? Buffer.alloc(0), bytes]);
    const at = all.indexOf(`${MARK}\n`);
    if (at < 0) {
      this.#preamble = all.subarray(-KEPT);
      return this.read();
    }
    this.#preamble = null;
    const rest = all.subarray(at + MARK.length + 1);
    return rest.length > 0 ? rest : this.read();
  }

  #takeLine(line: string): void {
    if (line.startsWith(`${MARK} `)) this.#words.push(line.slice(MARK.length + 1));
    else this.complaint = `${this.complaint}${line}\n`.slice(-KEPT);
    this.#wake();
  }

  #drain(): void {
    this.drained = true;
    this.#wake();
  }

  #close(): void {
    clearInterval(this.#beat);
    clearTimeout(this.#killer);
    this.closed = true;
    this.#wake();
  }

  #wake(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) waiter();
  }
}
