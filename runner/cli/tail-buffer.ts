/** Keeps the last bytes of a stream, bounded; for showing the end of what failed. */
export class TailBuffer {
  #chunks: Uint8Array[] = [];
  #size = 0;
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  push(bytes: Uint8Array): void {
    this.#chunks.push(bytes);
    this.#size += bytes.length;
    while (this.#chunks.length > 1 && this.#size - this.#chunks[0]!.length >= this.#limit) {
      this.#size -= this.#chunks.shift()!.length;
    }
  }

  /** The last lines, decoded; what is not UTF-8 shows as U+FFFD. */
  text(lines: number): string {
    const all = Buffer.concat(this.#chunks).subarray(-this.#limit).toString('utf8');
    return all
      .split('\n')
      .slice(-lines - 1)
      .join('\n');
  }
}
