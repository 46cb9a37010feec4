import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { KfsError } from '../errors.ts';
import { type StatePaths, statePaths } from '../state.ts';
import { asciicast } from './asciicast.ts';
import { rawFile, readTiming, readTranscript, TranscriptWriter, timingFile } from './transcript.ts';

const HEADER = { startedAt: Date.now(), columns: 100, rows: 30 };

function stateDir(t: TestContext): StatePaths {
  const dir = mkdtempSync(join(tmpdir(), 'kfs-transcript-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const paths = statePaths(dir);
  mkdirSync(paths.transcripts, { recursive: true });
  return paths;
}

function write(paths: StatePaths, ...pieces: (string | Uint8Array)[]): TranscriptWriter {
  const writer = new TranscriptWriter(paths, 'run', HEADER);
  for (const piece of pieces) writer.write(Buffer.from(piece));
  return writer;
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const cast = (paths: StatePaths) => [...asciicast(paths, 'run', 'a title')].map(line => JSON.parse(line));
const shown = (paths: StatePaths): string =>
  cast(paths)
    .slice(1)
    .filter(([, type]) => type === 'o')
    .map(([, , text]) => text)
    .join('');

test('bytes are kept as they came, with their length and digest', t => {
  const paths = stateDir(t);
  const bytes = Buffer.from([0, 255, 10, 13, 195, 40, 27, 91]);
  const writer = write(paths, bytes, 'tail without newline');
  const all = Buffer.concat([bytes, Buffer.from('tail without newline')]);
  assert.deepEqual(readFileSync(rawFile(paths, 'run')), all);
  assert.equal(writer.length, all.length);
  assert.equal(writer.sha256(), sha256(all));
  writer.close();
});

test('a writer that opens it again goes on at its end, with the same digest in the end', t => {
  const paths = stateDir(t);
  write(paths, 'one').close();
  const writer = write(paths, 'two');
  assert.equal(writer.length, 6);
  assert.equal(writer.sha256(), sha256(Buffer.from('onetwo')));
  writer.close();
  assert.equal(readTiming(paths, 'run').bytes, 6);
});

test('what a killed writer left is mended: bytes without their time, half a line of timing', t => {
  const paths = stateDir(t);
  write(paths, 'one').close();
  appendFileSync(rawFile(paths, 'run'), 'untimed');
  appendFileSync(timingFile(paths, 'run'), '[0.5,"o');
  write(paths, 'two').close();
  assert.equal(readTiming(paths, 'run').bytes, 'oneuntimedtwo'.length);
  assert.equal(shown(paths), 'oneuntimedtwo');
});

test('it can be read by piece while it grows, and tells how long it is', t => {
  const paths = stateDir(t);
  const writer = write(paths, '0123456789');
  assert.deepEqual(readTranscript(paths, 'run', 8, 100), { bytes: Buffer.from('89'), total: 10 });
  assert.deepEqual(readTranscript(paths, 'run', 2, 3), { bytes: Buffer.from('234'), total: 10 });
  assert.equal(readTranscript(paths, 'run', 99, 3).bytes.length, 0);
  assert.deepEqual(readTranscript(paths, 'unknown', 0, 3), { bytes: new Uint8Array(), total: 0 });
  writer.close();
});

test('starting over leaves nothing of what was there', t => {
  const paths = stateDir(t);
  const writer = write(paths, 'wrong');
  writer.restart();
  writer.write(Buffer.from('right'));
  assert.equal(writer.sha256(), sha256(Buffer.from('right')));
  writer.close();
  assert.equal(shown(paths), 'right');
});

test('a full disk is said as that, and what fitted is known', t => {
  const paths = stateDir(t);
  symlinkSync('/dev/full', rawFile(paths, 'run'));
  assert.throws(
    () => write(paths, 'bytes'),
    error => error instanceof KfsError && error.code === 'disk-full',
  );
});

test('the asciicast has a header of version 2 with the size, and times that never go back', t => {
  const paths = stateDir(t);
  const writer = write(paths, 'one');
  writer.resized(80, 24);
  writer.write(Buffer.from('two'));
  writer.close();
  const [header, ...events] = cast(paths);
  assert.deepEqual(
    { ...header, timestamp: 0 },
    { version: 2, width: 100, height: 30, timestamp: 0, title: 'a title', env: { TERM: 'xterm-256color' } },
  );
  assert.equal(header.timestamp, Math.floor(HEADER.startedAt / 1000));
  assert.deepEqual(
    events.map(([, ...rest]) => rest),
    [
      ['o', 'one'],
      ['r', '80x24'],
      ['o', 'two'],
    ],
  );
  const times = events.map(([time]) => time);
  assert.deepEqual(
    times,
    times.toSorted((one, other) => one - other),
  );
});

test('a character that was cut in two by the pieces is whole in the asciicast', t => {
  const paths = stateDir(t);
  const bytes = Buffer.from('Grüße → 😀');
  const pieces = [...bytes].map(byte => Uint8Array.of(byte));
  write(paths, ...pieces).close();
  assert.equal(shown(paths), 'Grüße → 😀');
});

test('bytes that are no UTF-8, and a character that is never finished, show as U+FFFD', t => {
  const paths = stateDir(t);
  write(paths, Uint8Array.of(0x61, 0xff, 0x62, 0xe2, 0x82)).close();
  assert.equal(shown(paths), 'a\ufffdb\ufffd');
});

test('an asciicast of a transcript that was cut short by hand ends with what is there', t => {
  const paths = stateDir(t);
  write(paths, 'one', 'two').close();
  truncateSync(rawFile(paths, 'run'), 4);
  assert.equal(shown(paths), 'onet');
});
