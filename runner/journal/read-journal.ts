/** The journal for those who only look: no lock, also while a runner writes, also in a read-only directory. */
import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import type { StatePaths } from '../state.ts';
import { guarded, type JournalView, view } from './journal.ts';
import { assertNotNewer, versionOf } from './schema.ts';

const EMPTY: JournalView = { events: () => [], text: () => undefined, close: () => {} };

/** An empty view while there is no journal. Throws state-broken for a damaged or newer file. */
export function readJournal(paths: StatePaths): JournalView {
  const file = paths.journal;
  if (!existsSync(file)) return EMPTY;
  return guarded(file, () => {
    const db = openReadOnly(file);
    try {
      assertNotNewer(db, file);
      // Made by a runner that was killed before the first table.
      if (versionOf(db) > 0) return view(db, file, () => db.close());
      db.close();
      return EMPTY;
    } catch (error) {
      db.close();
      throw error;
    }
  });
}

/** Where not even the shared memory beside the file can be made, nobody writes: it can be read as it stands. */
function openReadOnly(file: string): DatabaseSync {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    db.prepare('PRAGMA schema_version').get();
    return db;
  } catch (error) {
    db.close();
    if (existsSync(`${file}-wal`)) throw error;
    const still = pathToFileURL(file);
    still.searchParams.set('immutable', '1');
    return new DatabaseSync(still, { readOnly: true });
  }
}
