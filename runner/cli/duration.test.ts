import assert from 'node:assert/strict';
import { test } from 'node:test';
import { duration } from './duration.ts';

test('a duration is written in the two units a person would say', () => {
  const cases: [number, string][] = [
    [0, '0 ms'],
    [999.4, '999 ms'],
    [999.6, '1.0 s'],
    [2149, '2.1 s'],
    [59_940, '59.9 s'],
    [59_960, '1 min 0 s'],
    [245_000, '4 min 5 s'],
    [3_720_000, '1 h 2 min'],
  ];
  for (const [milliseconds, text] of cases) assert.equal(duration(milliseconds), text);
});
