/** The journal's tables, one migration a version. A migration that was released is never changed. */
import type { DatabaseSync } from 'node:sqlite';
import { KfsError } from '../errors.ts';

const MIGRATIONS = [
  `CREATE TABLE events (
     seq INTEGER PRIMARY KEY AUTOINCREMENT,
     at INTEGER NOT NULL,
     type TEXT NOT NULL,
     run TEXT,
     body TEXT NOT NULL CHECK (json_valid(body))
   ) STRICT;
   CREATE INDEX events_of_run ON events (run, seq) WHERE run IS NOT NULL;
   CREATE TABLE texts (
     digest TEXT PRIMARY KEY,
     body TEXT NOT NULL CHECK (json_valid(body))
   ) STRICT, WITHOUT ROWID;
   ${appendOnly('events')}
   ${appendOnly('texts')}`,
];

export const SCHEMA_VERSION = MIGRATIONS.length;

function appendOnly(table: string): string {
  return ['UPDATE', 'DELETE']
    .map(
      verb => `CREATE TRIGGER ${table}_no_${verb.toLowerCase()} BEFORE ${verb} ON ${table}
        BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;`,
    )
    .join('\n');
}

export const versionOf = (db: DatabaseSync): number =>
  (db.prepare('PRAGMA user_version').get() as { user_version: number }).user_version;

/** Throws state-broken for a file of a newer program; it is left as it is. */
export function assertNotNewer(db: DatabaseSync, file: string): void {
  const version = versionOf(db);
  if (version <= SCHEMA_VERSION) return;
  throw new KfsError(
    'state-broken',
    `${file} was written by a newer version of this program (format ${version}, this one knows ${SCHEMA_VERSION})`,
    { next: 'update this checkout (git pull), or name another directory with --state' },
  );
}

/** Brings an older file up to date, each version in its own transaction. */
export function migrate(db: DatabaseSync, file: string): void {
  assertNotNewer(db, file);
  for (let version = versionOf(db); version < SCHEMA_VERSION; version++) {
    db.exec(`BEGIN IMMEDIATE; ${MIGRATIONS[version]}; PRAGMA user_version = ${version + 1}; COMMIT;`);
  }
}
