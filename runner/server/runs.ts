/** The runs that a page may look at, from the journal, and their transcripts to take away. */
import { existsSync } from 'node:fs';
import type { JournalEvent } from '../events.ts';
import { asciicast } from '../journal/asciicast.ts';
import type { JournalView } from '../journal/journal.ts';
import { readJournal } from '../journal/read-journal.ts';
import { rawFile, readTranscript } from '../journal/transcript.ts';
import type { RunInfo } from '../protocol/messages.ts';
import type { StatePaths } from '../state.ts';
import { Refused } from './refused.ts';

const PIECE = 256 * 1024;

export interface Download {
  name: string;
  type: string;
  pieces(): Iterable<Uint8Array | string>;
}

export class Runs {
  #paths: StatePaths;
  #view: JournalView | undefined;
  #seen = 0;
  #runs = new Map<string, RunInfo>();

  constructor(paths: StatePaths) {
    this.#paths = paths;
  }

  info(run: string): RunInfo {
    const info = this.#catchUp().get(run);
    if (!info) throw new Refused('run-unknown', `The journal has no run ${run}.`, 'Reload the page.');
    return info;
  }

  /** Newest first. */
  of(step: string, subject: string): RunInfo[] {
    return [...this.#catchUp().values()]
      .filter(run => run.step === step && run.subject === subject)
      .reverse();
  }

  /** `<run>.raw`, the bytes as they came, or `<run>.cast`, for asciinema. */
  file(name: string): Download | undefined {
    const [, run = '', form] = /^([^/]+)\.(raw|cast)$/.exec(name) ?? [];
    const info = this.#catchUp().get(run);
    if (!info || !existsSync(rawFile(this.#paths, run))) return undefined;
    if (form === 'raw') return { name, type: 'application/octet-stream', pieces: () => this.#raw(run) };
    const title = `${info.step} on ${info.subject}`;
    return { name, type: 'application/x-asciicast', pieces: () => asciicast(this.#paths, run, title) };
  }

  close(): void {
    this.#view?.close();
    this.#view = undefined;
  }

  *#raw(run: string): Iterable<Uint8Array> {
    for (let offset = 0; ; ) {
      const { bytes } = readTranscript(this.#paths, run, offset, PIECE);
      if (bytes.length === 0) return;
      offset += bytes.length;
      yield bytes;
    }
  }

  #catchUp(): Map<string, RunInfo> {
    this.#view ??= readJournal(this.#paths);
    for (const { seq, event } of this.#view.events(this.#seen)) {
      this.#seen = seq;
      this.#take(event);
    }
    return this.#runs;
  }

  #take(event: JournalEvent): void {
    if (event.type === 'run.started') {
      const { run, step, subject, mode, by, at } = event;
      this.#runs.set(run, { run, step, subject, mode, by, startedAt: at });
    }
    const info = 'run' in event ? this.#runs.get(event.run) : undefined;
    if (!info) return;
    if (event.type === 'run.exited') {
      const { status, durationMs, bytes, sha256 } = event;
      Object.assign(info, { status, durationMs, bytes, sha256 });
    } else if (event.type === 'run.checked') {
      const { phase, holds, status, output } = event;
      info.check = { phase, holds, status, output };
    } else if (event.type === 'run.finished') {
      Object.assign(info, { endedAt: event.at, outcome: event.outcome, reason: event.reason });
    }
  }
}
