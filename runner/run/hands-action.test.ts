import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileBook } from '../book/compile.ts';
import { handsAction } from './hands-action.ts';

test('the first comment names what a driver can do', () => {
  assert.equal(handsAction('# cut: pull the plug\n# and wait\n'), 'cut');
  assert.equal(handsAction('\n#power-on: press the button\n'), 'power-on');
});

test('what is no such word is for a person only', () => {
  assert.equal(handsAction('# label the cable: red\n'), undefined);
  assert.equal(handsAction('# explode: now\n'), undefined);
  assert.equal(handsAction('# Pull the plug.\n# cut: too late\n'), undefined);
});

test('the lab can do every hands step of this book that is not left to a person', async () => {
  const { steps } = await compileBook(new URL('../..', import.meta.url).pathname);
  const byHand = steps.filter(step => step.handsMs !== undefined && !step.notRun);
  assert.ok(byHand.length > 0);
  assert.deepEqual(
    byHand.filter(step => handsAction(step.text) === undefined).map(step => step.id),
    [],
  );
});
