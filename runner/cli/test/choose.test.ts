import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseSuites } from './choose.ts';
import type { Suite } from './suite.ts';

const SUITES = [{ name: 'unit' }, { name: 'lab' }, { name: 'slow', full: true }] as Suite[];

const chosen = (names: string[], full?: boolean, more?: string[]) =>
  chooseSuites(SUITES, names, full, more).map(({ name }) => name);

test('nothing named means all but the slow ones, --full those too, and a name that one alone', () => {
  assert.deepEqual(chosen([]), ['unit', 'lab']);
  assert.deepEqual(chosen([], true), ['unit', 'lab', 'slow']);
  assert.deepEqual(chosen(['slow', 'unit']), ['unit', 'slow']);
});

test('a slow suite may be added to those of every day', () => {
  assert.deepEqual(chosen([], false, ['slow']), ['unit', 'lab', 'slow']);
  assert.throws(() => chosen([], false, ['typo']), { message: 'there is no suite typo' });
});

test('a suite that does not exist is a mistake on the command line, and the names are listed', () => {
  assert.throws(() => chosen(['unit', 'typo']), {
    code: 'usage',
    message: 'there is no suite typo',
    next: 'suites are unit, lab, slow',
  });
});
