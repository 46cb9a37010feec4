/** A position in a shell text, and the small moves that reading needs. */
import { readScript } from './parse.ts';
import type { HereDocument, Script } from './tree.ts';
import { readExpansion } from './word.ts';

interface Pending {
  word: string;
  quoted: boolean;
  /** `<<-`: leading tabs are taken away. */
  indented: boolean;
  give(document: HereDocument): void;
}

export class Reader {
  readonly text: string;
  at = 0;
  /** Here-documents whose bodies begin after the next newline. */
  readonly #pending: Pending[] = [];

  constructor(text: string) {
    this.text = text;
  }

  get done(): boolean {
    return this.at >= this.text.length;
  }

  /** The character here, or so many further; empty at the end. */
  peek(ahead = 0): string {
    return this.text[this.at + ahead] ?? '';
  }

  startsWith(word: string): boolean {
    return this.text.startsWith(word, this.at);
  }

  take(): string {
    return this.text[this.at++] ?? '';
  }

  skip(count: number): void {
    this.at = Math.min(this.at + count, this.text.length);
  }

  /** Up to the mark, which is skipped. */
  until(mark: string): string {
    const end = this.text.indexOf(mark, this.at);
    const taken = this.text.slice(this.at, end < 0 ? undefined : end);
    this.at = end < 0 ? this.text.length : end + mark.length;
    return taken;
  }

  untilBacktick(): string {
    let taken = '';
    while (!this.done && this.peek() !== '`') {
      if (this.peek() === '\\') this.skip(1);
      taken += this.take();
    }
    this.skip(1);
    return taken;
  }

  /** Skips to where `depth` open marks are closed. */
  balanced(open: string, close: string, depth: number): void {
    for (let left = depth; !this.done && left > 0; ) {
      const c = this.take();
      if (c === open) left++;
      if (c === close) left--;
    }
  }

  /** Blanks, line continuations and comments; newlines as well when asked. */
  blanks(newlines = false): void {
    for (;;) {
      const c = this.peek();
      if (c === ' ' || c === '\t' || (newlines && c === '\n')) {
        if (c === '\n') this.newline();
        else this.skip(1);
      } else if (c === '\\' && this.peek(1) === '\n') this.skip(2);
      else if (c === '#' && /^$|[\s;&|()]/.test(this.text[this.at - 1] ?? ''))
        while (!this.done && this.peek() !== '\n') this.skip(1);
      else return;
    }
  }

  /** Takes a newline and the bodies of the here-documents that begin after it. */
  newline(): void {
    this.skip(1);
    for (const pending of this.#pending.splice(0)) pending.give(this.#hereDocument(pending));
  }

  expect(pending: Pending): void {
    this.#pending.push(pending);
  }

  /** A script that ends at the closing character, which is taken. */
  script(close: string): Script {
    const script = readScript(this, [close]);
    if (this.peek() === close) this.skip(1);
    return script;
  }

  #hereDocument({ word, quoted, indented }: Pending): HereDocument {
    const at = this.at;
    const lines: string[] = [];
    while (!this.done) {
      const line = this.until('\n');
      if ((indented ? line.replace(/^\t+/, '') : line) === word) break;
      lines.push(`${line}\n`);
    }
    const body = lines.join('');
    return { at, body, quoted, substitutions: quoted ? [] : substitutionsIn(body, at) };
  }
}

/** A reader of a piece of the text, whose offsets are those of the whole. */
export function readerOf(piece: string, at: number): Reader {
  const reader = new Reader(' '.repeat(at) + piece);
  reader.at = at;
  return reader;
}

function substitutionsIn(body: string, at: number): Script[] {
  const reader = readerOf(body, at);
  const parts = { value: '', substitutions: [] as Script[], literals: [] };
  while (!reader.done) {
    if (reader.peek() === '\\') reader.skip(2);
    else if (reader.peek() === '$' || reader.peek() === '`') readExpansion(reader, parts);
    else reader.skip(1);
  }
  return parts.substitutions;
}
