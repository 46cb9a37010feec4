import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileBook } from '../../runner/book/compile.ts';
import { bookFolder, step } from '../../runner/book/testing/books.ts';
import { inUnits, timesOf } from './times.ts';

const chapter = (...steps: string[]): string => `---\ntitle: T\n---\n${steps.join('\n')}`;

test('times add up by chapter, and a step of an older text does not count', async t => {
  const manifest = await compileBook(
    bookFolder(t, {
      'content/docs/1/1-one.mdx': chapter(step('a', 'true'), step('b', 'true'), step('c', 'true')),
      'content/docs/1/2-two.mdx': chapter(step('d', 'true')),
      'content/docs/1/3-words.mdx': chapter(),
    }),
  );
  const digestOf = (id: string) => manifest.steps.find(step => step.id === id)?.digest ?? assert.fail();
  const entry = (id: string, durationMs: number) => ({ digest: digestOf(id), durationMs, subject: 'n1' });
  const times = timesOf(
    manifest,
    {
      format: 1,
      recordedAt: '2026-01-01T00:00:00Z',
      host: 'h',
      steps: {
        a: { ...entry('a', 1000), output: 'hello\n' },
        b: { ...entry('b', 500_000), digest: 'of another text' },
        c: { ...entry('c', 3000), recordedAt: '2025-12-30T23:00:00Z', host: 'another' },
        d: { ...entry('d', 2000), recordedAt: '2025-12-31T01:00:00Z', host: 'h' },
      },
    },
    2,
  );
  assert.deepEqual(
    times.chapters.map(({ slug, recorded, steps, ms }) => [slug, recorded, steps, ms]),
    [
      ['1/one', 2, 3, 4000],
      ['1/two', 1, 1, 2000],
    ],
  );
  assert.equal(times.total, 6000);
  assert.deepEqual(times.days, { first: '2025-12-30', last: '2026-01-01' });
  assert.deepEqual(times.hosts, ['h', 'another']);
  assert.deepEqual(
    times.longest.map(({ step, ms }) => [step, ms]),
    [
      ['c', 3000],
      ['d', 2000],
    ],
  );
  assert.deepEqual(times.outputs, { a: 'hello\n', c: '', d: '' });
});

test('a time in units keeps two digits that say something', () => {
  assert.deepEqual(
    [250, 1000, 2500, 99_000].map(ms => inUnits(ms, 1000)),
    ['0.25', '1.0', '2.5', '99'],
  );
});
