/** Cuts a stream of bytes into lines of UTF-8 text. */
import { StringDecoder } from 'node:string_decoder';

export class TextLines {
  readonly #decoder = new StringDecoder('utf8');
  readonly #each: (line: string) => void;
  #rest = '';

  constructor(each: (line: string) => void) {
    this.#each = each;
  }

  push(bytes: Buffer): void {
    const lines = (this.#rest + this.#decoder.write(bytes)).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#each(line);
  }

  /** The last line may lack its newline. */
  end(): void {
    if (this.#rest !== '') this.#each(this.#rest);
    this.#rest = '';
  }
}
