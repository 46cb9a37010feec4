/**
 * Facts on disk: what ran where, when, with which text and outcome. Events are appended and never changed; the
 * state of the book is derived from them.
 *
 * Every event is in the write-ahead log when `append` returns, so that a killed runner loses none. The kernel's
 * power cut is met twice a run: `run.started` is on the disk before anything is started on a host, and
 * `run.finished` before anyone is told of it; each brings all that came before it to the disk too. What lies
 * between the two can be asked of the host again. A flush takes milliseconds; two of them are what a run pays.
 */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { JournalEvent } from '../events.ts';
import type { StatePaths } from '../state.ts';
import { takeOwnership } from './owner.ts';
import { migrate } from './schema.ts';
import { damaged, journalError } from './sqlite-error.ts';

/** Flushed to the disk, with all that was appended before them. */
const FLUSHED = new Set<JournalEvent['type']>(['run.started', 'run.finished', 'run.hands', 'cell.accepted']);

export interface Recorded {
  /** Grows by at least one an event. */
  seq: number;
  event: JournalEvent;
}

export interface JournalView {
  /** In the order in which they were appended; those after `since`. */
  events(since?: number): Iterable<Recorded>;
  /** What `keepText` kept. */
  text(digest: string): unknown;
  close(): void;
}

export interface Journal extends JournalView {
  /** Written when it returns. Throws disk-full or state-broken, and then the event is not in the journal. */
  append(event: JournalEvent): Recorded;
  /** Keeps what a digest stands for (a step as it was run); once a digest. */
  keepText(digest: string, body: unknown): void;
}

/** Opens the journal for writing, as the only one that does; throws state-busy, state-broken or disk-full. */
export function openJournal(paths: StatePaths): Journal {
  const file = paths.journal;
  return guarded(file, () => {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    mkdirSync(paths.transcripts, { recursive: true, mode: 0o700 });
    const owner = takeOwnership(file);
    try {
      const db = openDatabase(file);
      return writer(db, file, () => {
        if (db.isOpen) db.close();
        owner.release();
      });
    } catch (error) {
      owner.release();
      throw error;
    }
  });
}

function openDatabase(file: string): DatabaseSync {
  const db = new DatabaseSync(file);
  try {
    // Before anything is written: a damaged file is left as it is.
    const [problem] = db.prepare('PRAGMA quick_check(1)').all() as { quick_check: string }[];
    if (problem?.quick_check !== 'ok') throw damaged(file, problem?.quick_check ?? 'it cannot be checked');
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
    migrate(db, file);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function writer(db: DatabaseSync, file: string, close: () => void): Journal {
  const insert = db.prepare('INSERT INTO events (at, type, run, body) VALUES (?, ?, ?, ?)');
  const insertText = db.prepare('INSERT INTO texts (digest, body) VALUES (?, ?) ON CONFLICT DO NOTHING');
  const flushing = (on: boolean) => db.exec(`PRAGMA synchronous = ${on ? 'FULL' : 'NORMAL'}`);
  return {
    ...view(db, file, close),
    append(event) {
      const run = 'run' in event ? event.run : null;
      return guarded(file, () => {
        flushing(FLUSHED.has(event.type));
        const { lastInsertRowid } = insert.run(event.at, event.type, run, JSON.stringify(event));
        return { seq: Number(lastInsertRowid), event };
      });
    },
    keepText(digest, body) {
      guarded(file, () => insertText.run(digest, JSON.stringify(body)));
    },
  };
}

/** Reading is the same for the owner and for those who only look. */
export function view(db: DatabaseSync, file: string, close: () => void): JournalView {
  const after = db.prepare('SELECT seq, body FROM events WHERE seq > ? ORDER BY seq');
  const textOf = db.prepare('SELECT body FROM texts WHERE digest = ?');
  return {
    events: (since = 0) =>
      guarded(file, () => after.all(since) as { seq: number; body: string }[]).map(row => ({
        seq: row.seq,
        event: JSON.parse(row.body) as JournalEvent,
      })),
    text(digest) {
      const row = guarded(file, () => textOf.get(digest)) as { body: string } | undefined;
      return row && JSON.parse(row.body);
    },
    close,
  };
}

export function guarded<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw journalError(error, file);
  }
}
