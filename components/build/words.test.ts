import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileChapter } from '../../runner/book/chapter.ts';
import { durationWords, noticeWords, recordWords, whereWords } from './words.ts';

const one = (meta: string) => compileChapter(`\`\`\`sh ${meta}\nx\n\`\`\`\n`, 'c.mdx').steps[0]!;

test('where a step runs, in words', () => {
  const words: Record<string, string> = {
    'step="a" on="workstation"': 'Runs on the workstation.',
    'step="a" on="workstation" for="all"': 'Runs on the workstation, once for each machine.',
    'step="a" on="workstation" for="first"': 'Runs on the workstation, once, for the first machine.',
    'step="a" on="first"': 'Runs on the first machine.',
    'step="a" on="new"': 'Runs on each new machine.',
    'step="a" on="control"': 'Runs on every machine with the role control.',
    'gate="a" on="all"': 'Must hold on every machine.',
    'event="a" on="new" hands="2m"': 'Done by hand at each new machine.',
  };
  for (const [meta, expected] of Object.entries(words)) assert.equal(whereWords(one(meta)), expected);
});

test('what to know before it runs', () => {
  const step = one('step="a" on="first" hands="2m" destroys="the disk" reboots either="x" notrun');
  assert.deepEqual(noticeWords(step), [
    'Takes a person about 2 min.',
    'Destroys the disk; asks for the machine’s name.',
    'The machine restarts.',
    'One of several ways: one is enough.',
    'Written, not run by us.',
  ]);
});

test('durations are told as a person would', () => {
  const words = [3, 2100, 9949, 9950, 59_499, 59_500, 150_000, 3_590_000, 3_900_000, 7_200_000].map(
    durationWords,
  );
  assert.deepEqual(words, [
    '0.1 s',
    '2.1 s',
    '9.9 s',
    '10 s',
    '59 s',
    '1 min',
    '3 min',
    '1 h',
    '1 h 5 min',
    '2 h',
  ]);
});

test('a record of another text is said to be one', () => {
  const step = one('show="a" on="first"');
  const record = { durationMs: 3000, subject: 'm1' };
  assert.equal(recordWords(step, undefined), '');
  assert.equal(recordWords(step, { ...record, digest: step.digest }), 'Took 3.0 s in the recorded run.');
  assert.equal(recordWords(step, { ...record, digest: 'x' }), 'The recorded run is of an older text.');
});
