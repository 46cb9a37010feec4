import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileChapter } from '../../runner/book/chapter.ts';
import { noticeWords, recordWords, whereWords } from './words.ts';

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

test('a record of another text is said to be one', () => {
  const step = one('show="a" on="first"');
  const record = { durationMs: 3000, subject: 'm1' };
  assert.equal(recordWords(step, undefined), '');
  assert.equal(recordWords(step, { ...record, digest: step.digest }), 'Took 3.0 s in the recorded run.');
  assert.equal(recordWords(step, { ...record, digest: 'x' }), 'The recorded run is of an older text.');
});
