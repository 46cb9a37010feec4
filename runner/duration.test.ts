import assert from 'node:assert/strict';
import { test } from 'node:test';
import { duration } from './duration.ts';

test('a duration is told as a person would: the longer, the less exact', () => {
  const cases: [number, string][] = [
    [-5, '0 ms'],
    [999.4, '999 ms'],
    [999.6, '1.0 s'],
    [9949, '9.9 s'],
    [9950, '10 s'],
    [59_499, '59 s'],
    [59_500, '1 min'],
    [245_000, '4 min 5 s'],
    [599_500, '10 min'],
    [754_000, '13 min'],
    [3_590_000, '1 h'],
    [3_900_000, '1 h 5 min'],
    [7_200_000, '2 h'],
  ];
  for (const [milliseconds, text] of cases) assert.equal(duration(milliseconds), text);
});
