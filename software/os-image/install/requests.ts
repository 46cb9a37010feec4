/**
 * Who asked for a config, kept as lines of JSON. `requests.jsonl` has what must not be lost: every config that was
 * handed out, and whoever asked as a machine that is armed or was. What anybody can make as often as he likes goes to
 * `others.jsonl`, of which the oldest half is given up (`others.old.jsonl` is the older half).
 *
 * Lines are only added and files only renamed, so several servers can do it at once.
 */
import { appendFile, mkdir, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';

export interface Asked {
  /** ISO 8601. */
  at: string;
  /** The address it came from. */
  from: string;
  /** The MAC addresses that it gave. */
  macs: string[];
  machine?: string;
  /** Handed out, or the reason why not. */
  outcome: 'handed out' | (string & {});
}

/** Bytes. Whoever sends nonsense all day must not fill the disk. */
const LIMIT = 2 ** 20;

export class Requests {
  readonly #folder: string;
  readonly #limit: number;

  /** `limit` is in bytes, for each of the files. */
  constructor(folder: string, limit = LIMIT) {
    this.#folder = folder;
    this.#limit = limit;
  }

  async record(asked: Asked): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const file = (await this.#mustStay(asked)) ? 'requests' : await this.#others();
    // It begins a line of its own even behind one of which a full disk has left half.
    await appendFile(this.#path(file), `\n${JSON.stringify(asked)}\n`, { mode: 0o600 });
  }

  /** Every request that is remembered, the oldest first. */
  async all(): Promise<Asked[]> {
    const files = ['others.old', 'others', 'requests'];
    const lists = await Promise.all(files.map(file => this.#read(file)));
    return lists.flat().sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  }

  /** A machine's address can be borrowed too: of refusals that are alike the first ones stay. */
  async #mustStay(asked: Asked): Promise<boolean> {
    if (asked.outcome === 'handed out') return true;
    if (!asked.machine) return false;
    if ((await this.#size('requests')) < this.#limit) return true;
    return !(await this.#read('requests')).some(known => isLike(known, asked));
  }

  async #others(): Promise<string> {
    if ((await this.#size('others')) >= this.#limit)
      await rename(this.#path('others'), this.#path('others.old')).catch(fasterOther);
    return 'others';
  }

  async #size(file: string): Promise<number> {
    return (await stat(this.#path(file)).catch(() => undefined))?.size ?? 0;
  }

  /** Without empty lines and halves. */
  async #read(file: string): Promise<Asked[]> {
    const text = await readFile(this.#path(file), 'utf8').catch(() => '');
    return text.split('\n').flatMap(line => parsed(line) ?? []);
  }

  #path(file: string): string {
    return join(this.#folder, `${file}.jsonl`);
  }
}

const isLike = (one: Asked, other: Asked): boolean =>
  one.machine === other.machine && one.from === other.from && one.outcome === other.outcome;

function fasterOther(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}

function parsed(line: string): Asked | undefined {
  try {
    return JSON.parse(line) as Asked;
  } catch {
    return undefined;
  }
}
