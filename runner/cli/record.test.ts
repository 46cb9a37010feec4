import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { compileBook } from '../book/compile.ts';
import { bookFolder, step } from '../book/testing/books.ts';
import { CHECKOUT } from './context.ts';

test('an accepted entry keeps the date and the host of its own run, and an older one those of the older', async t => {
  const chapter = ['---', 'title: T', '---', step('a', 'true'), step('b', 'true')].join('\n');
  const book = bookFolder(t, { 'content/docs/1/1-one.mdx': chapter });
  const { steps } = await compileBook(book);
  const digests = Object.fromEntries(steps.map(({ id, digest }) => [id, digest]));
  const entry = (id: string) => ({ digest: digests[id], durationMs: 1, subject: 'n1' });
  const record = (day: string, host: string, steps: object) =>
    JSON.stringify({
      format: 1,
      recordedAt: `${day}T00:00:00Z`,
      host,
      versions: { KFS_VERSION_ETCD: day },
      steps,
    });
  const target = join(book, 'content', 'record.json');
  mkdirSync(join(book, 'content'), { recursive: true });
  writeFileSync(target, record('2026-01-01', 'old', { a: entry('a'), b: entry('b') }));
  const fresh = join(book, 'fresh.json');
  writeFileSync(fresh, record('2026-02-02', 'new', { b: entry('b') }));
  const { status, stderr } = spawnSync(join(CHECKOUT, 'kfs'), ['--book', book, 'record', 'accept', fresh], {
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  assert.deepEqual(JSON.parse(readFileSync(target, 'utf8')), {
    ...JSON.parse(record('2026-02-02', 'new', {})),
    steps: {
      a: { recordedAt: '2026-01-01T00:00:00Z', host: 'old', ...entry('a') },
      b: { recordedAt: '2026-02-02T00:00:00Z', host: 'new', ...entry('b') },
    },
  });
});
