import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { KfsError } from '../errors.ts';
import type { JournalEvent } from '../events.ts';
import { type StatePaths, statePaths } from '../state.ts';
import { type Journal, openJournal } from './journal.ts';
import { readJournal } from './read-journal.ts';
import { SCHEMA_VERSION } from './schema.ts';

const EVENT: JournalEvent = { type: 'machine.seen', at: 1, machine: 'n1', identity: 'id', bootId: 'boot' };
const big = (run: string): JournalEvent => ({
  type: 'run.finished',
  at: 1,
  run,
  outcome: 'done',
  reason: 'x'.repeat(5000),
});

function stateDir(t: TestContext): StatePaths {
  const dir = mkdtempSync(join(tmpdir(), 'kfs-journal-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return statePaths(dir);
}

function open(t: TestContext, paths: StatePaths): Journal {
  const journal = openJournal(paths);
  t.after(() => journal.close());
  return journal;
}

const has = (code: string, words: RegExp) => (error: unknown) => {
  assert.ok(error instanceof KfsError, String(error));
  assert.equal(error.code, code);
  assert.match(`${error.message} ${error.next}`, words);
  return true;
};

test('events come back as they were appended, in order, from where one asks', t => {
  const paths = stateDir(t);
  const journal = open(t, paths);
  const first = journal.append(EVENT);
  const second = journal.append({ ...EVENT, at: 2 });
  assert.ok(second.seq > first.seq);
  assert.deepEqual([...journal.events()], [first, second]);
  assert.deepEqual([...journal.events(first.seq)], [second]);
  journal.close();
  assert.deepEqual([...open(t, paths).events()], [first, second]);
});

test('what a digest stands for is kept once and comes back', t => {
  const journal = open(t, stateDir(t));
  journal.keepText('d', { text: 'first' });
  journal.keepText('d', { text: 'second' });
  assert.deepEqual(journal.text('d'), { text: 'first' });
  assert.equal(journal.text('other'), undefined);
});

test('the file itself refuses that an event is changed or removed', t => {
  const paths = stateDir(t);
  const journal = open(t, paths);
  journal.append(EVENT);
  const db = new DatabaseSync(paths.journal);
  t.after(() => db.close());
  for (const sql of ["UPDATE events SET type = 'x'", 'DELETE FROM events', "UPDATE texts SET body = '1'"]) {
    if (sql.includes('texts')) journal.keepText('d', {});
    assert.throws(() => db.exec(sql), /append-only/);
  }
});

test('it is write-ahead logged, and readers see it while it is written', t => {
  const paths = stateDir(t);
  const journal = open(t, paths);
  journal.append(EVENT);
  const reader = readJournal(paths);
  t.after(() => reader.close());
  assert.equal([...reader.events()].length, 1);
  journal.append(EVENT);
  assert.equal([...reader.events()].length, 2);
  const db = new DatabaseSync(paths.journal, { readOnly: true });
  assert.deepEqual({ ...db.prepare('PRAGMA journal_mode').get() }, { journal_mode: 'wal' });
  db.close();
});

test('a reader finds nothing, and makes nothing, where there is no journal', t => {
  const paths = stateDir(t);
  assert.deepEqual([...readJournal(paths).events()], []);
  assert.throws(() => readFileSync(paths.journal));
});

test('a second writer is refused with the pid of the first, and let in once that is gone', async t => {
  const paths = stateDir(t);
  const owner = spawn(process.execPath, ['-e', OWNER, join(import.meta.dirname, '..'), paths.root], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(owner.stdout, 'data');
  assert.throws(() => openJournal(paths), has('state-busy', new RegExp(`process ${owner.pid}`)));
  owner.kill('SIGKILL');
  await once(owner, 'exit');
  const journal = open(t, paths);
  assert.deepEqual(
    [...journal.events()].map(({ event }) => event.at),
    [7],
    'what it had appended is there',
  );
});

const OWNER = `
const [dir, state] = process.argv.slice(1);
const { openJournal } = await import(dir + '/journal/journal.ts');
const { statePaths } = await import(dir + '/state.ts');
const journal = openJournal(statePaths(state));
journal.append({ type: 'machine.seen', at: 7, machine: 'n1', identity: 'id', bootId: 'boot' });
console.log('open');
setInterval(() => {}, 1000);
`;

test('a file of a newer version is refused with what to do, and left as it is', t => {
  const paths = stateDir(t);
  open(t, paths).close();
  const db = new DatabaseSync(paths.journal);
  db.exec(`PRAGMA user_version = ${SCHEMA_VERSION + 1}`);
  db.close();
  const before = readFileSync(paths.journal);
  assert.throws(() => openJournal(paths), has('state-broken', /newer version.*update/));
  assert.throws(() => readJournal(paths), has('state-broken', /newer version.*update/));
  assert.deepEqual(readFileSync(paths.journal), before);
});

for (const [what, spoil] of [
  ['that is no database', () => Buffer.from('not a database, but long enough to be looked at'.repeat(100))],
  ['with a page overwritten', (bytes: Buffer) => bytes.fill(0x5a, 4096, 8192)],
] as [string, (bytes: Buffer) => Buffer][]) {
  test(`a journal ${what} is refused with what to do, and left as it is`, t => {
    const paths = stateDir(t);
    const journal = open(t, paths);
    for (let index = 0; index < 20; index++) journal.append(big(`run-${index}`));
    journal.close();
    const spoiled = spoil(readFileSync(paths.journal));
    writeFileSync(paths.journal, spoiled);
    assert.throws(() => openJournal(paths), has('state-broken', /damaged.*recover|damaged.*move/s));
    assert.deepEqual(readFileSync(paths.journal), spoiled);
  });
}

test('a state directory that is a file is refused with what to do', t => {
  const paths = stateDir(t);
  writeFileSync(dirname(paths.journal), 'in the way');
  assert.throws(() => openJournal(paths), has('state-broken', /--state/));
});

/** Why no small file system can be mounted here, or false. */
const cannotMount = (() => {
  const tried = spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'none', '/mnt']);
  return tried.status === 0 ? false : 'no file system can be mounted here (needs root and unshare)';
})();

/** Runs `script` with `$1` = a directory that is a file system of its own. */
function onOwnFileSystem(t: TestContext, size: string, script: string): string {
  const dir = stateDir(t).root;
  mkdirSync(join(dir, 'fs'));
  const file = join(dir, 'script.mts');
  writeFileSync(file, `${IMPORTS}${script}`);
  const command = `mount -t tmpfs -o size=${size} none "$1/fs" && exec "$2" "$1/script.mts" "$1/fs"`;
  return execFileSync('unshare', ['--mount', 'sh', '-c', command, 'sh', dir, process.execPath], {
    encoding: 'utf8',
  });
}

const IMPORTS = `
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { openJournal } from '${import.meta.dirname}/journal.ts';
import { readJournal } from '${import.meta.dirname}/read-journal.ts';
import { statePaths } from '${import.meta.dirname}/../state.ts';
const paths = statePaths(process.argv[2] + '/state');
const event = n => ({ type: 'run.finished', at: n, run: 'run', outcome: 'done', reason: 'x'.repeat(3000) });
`;

test('a full disk is said in plain words, loses nothing, and goes on once there is room', {
  skip: cannotMount,
}, t => {
  const said = onOwnFileSystem(
    t,
    '600k',
    `
    const journal = openJournal(paths);
    writeFileSync(process.argv[2] + '/ballast', Buffer.alloc(100 * 1024));
    let kept = 0, full;
    for (let n = 1; n < 1000 && !full; n++) try { journal.append(event(n)); kept = n; } catch (error) { full = error; }
    const again = (() => { try { journal.append(event(0)); } catch (error) { return error.code; } })();
    rmSync(process.argv[2] + '/ballast');
    journal.append(event(kept + 1));
    journal.close();
    const ats = [...openJournal(paths).events()].map(({ event }) => event.at);
    console.log(full.code, again, ats.length === kept + 1 && ats.every((at, index) => at === index + 1));
    `,
  );
  assert.equal(said, 'disk-full disk-full true\n');
});

test('a read-only state directory is refused for writing and can still be read', { skip: cannotMount }, t => {
  const said = onOwnFileSystem(
    t,
    '4m',
    `
    const journal = openJournal(paths);
    journal.append(event(1));
    journal.close();
    execFileSync('mount', ['-o', 'remount,ro', process.argv[2]]);
    try { openJournal(paths); } catch (error) { console.log(error.code, /writable/.test(error.next)); }
    console.log([...readJournal(paths).events()].length);
    `,
  );
  assert.equal(said, 'state-broken true\n1\n');
});

test('a disk that is full from the start is said too', { skip: cannotMount }, t => {
  const said = onOwnFileSystem(
    t,
    '64k',
    `
    writeFileSync(process.argv[2] + '/ballast', Buffer.alloc(56 * 1024));
    try { openJournal(paths); } catch (error) { console.log(error.code); }
    `,
  );
  assert.equal(said, 'disk-full\n');
});
