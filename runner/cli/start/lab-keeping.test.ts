import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { KfsError } from '../../errors.ts';
import type { LabPreparation } from '../../protocol/messages.ts';
import { LabKeeping, type LabOutcome, type LabTry } from './lab-keeping.ts';
import { LabMeter } from './lab-meter.ts';

const STAGES = [
  { phase: 'kernel', what: 'the kernel', expected: 30 },
  { phase: 'image', what: 'the image', expected: 70 },
];

/** A keeping whose tries do what they are told, and all that it tells. */
function keeping(...tries: ((attempt: LabTry) => Promise<LabOutcome>)[]) {
  const told: (LabPreparation | null)[] = [];
  const heard = new EventTarget();
  const lab = new LabKeeping({ stages: STAGES, run: attempt => tries.shift()!(attempt) }, state => {
    told.push(state);
    heard.dispatchEvent(new Event(state?.state ?? 'nothing'));
  });
  return { lab, told, hears: (what: string) => once(heard, what) };
}

const never = (signal: AbortSignal) =>
  new Promise<never>((_done, fail) => signal.addEventListener('abort', () => fail(signal.reason)));

test('the stages are told with the percentage of the whole, then that it is ready', async () => {
  const { lab, told, hears } = keeping(async ({ begin, report }) => {
    begin('kernel');
    report({ phase: 'wait', done: 1, total: 1, text: 'lends its text only' });
    report({ phase: 'wait', done: 1, total: 1, text: 'too soon after' });
    begin('image');
    report({ phase: 'image', done: 1, total: 2, text: 'half' });
    return { ready: 'n1' };
  });
  const ready = hears('ready');
  lab.start();
  await ready;
  const seen = told.map(state =>
    state?.state === 'working' ? [state.what, state.percent, state.text] : state,
  );
  assert.deepEqual(seen, [
    ['the kernel', 0, ''],
    ['the kernel', 0, 'lends its text only'],
    ['the image', 30, ''],
    ['the image', 65, 'half'],
    { state: 'ready', text: 'n1' },
  ]);
});

test('a failure is told with its next action, and a retry begins from the start', async () => {
  const { lab, told, hears } = keeping(
    async () => {
      throw new KfsError('disk-full', 'no room', { next: 'make room' });
    },
    async () => ({ impossible: 'no namespaces', next: 'sudo sysctl' }),
    async () => null,
  );
  for (const what of ['failed', 'failed', 'nothing']) {
    const heard = hears(what);
    lab.start();
    await heard;
    await lab.stop();
  }
  assert.deepEqual(told, [
    { state: 'failed', message: 'no room', next: 'make room', impossible: false },
    { state: 'failed', message: 'no namespaces', next: 'sudo sysctl', impossible: true },
    null,
  ]);
});

test('one try at a time; a stop ends it, and nothing more is told', async () => {
  let tries = 0;
  const { lab, told, hears } = keeping(async ({ begin, signal }) => {
    tries++;
    begin('kernel');
    return never(signal);
  });
  const working = hears('working');
  lab.start();
  await working;
  lab.start();
  assert.equal(tries, 1);
  assert.equal(lab.working, true);
  await lab.stop();
  assert.equal(lab.working, false);
  assert.equal(told.length, 1, 'no failure is told of what was stopped');
});

test('after a stop no further stage begins', async () => {
  let reached = false;
  const { lab } = keeping(async ({ begin, signal }) => {
    await once(signal, 'abort');
    begin('image');
    reached = true;
    return { ready: '' };
  });
  lab.start();
  await lab.stop();
  assert.equal(reached, false);
});

test('the time left follows the pace of the stage, and is not guessed before there is one', () => {
  let now = 0;
  const meter = new LabMeter(STAGES, () => now);
  meter.begin('kernel');
  assert.equal(meter.measured().leftMs, undefined);
  now = 30_000; // half of 30 s took 30 s: half as fast as expected
  meter.report({ phase: 'kernel', done: 5, total: 10 });
  assert.deepEqual(meter.measured(), { what: 'the kernel', percent: 15, leftMs: 170_000 });
  meter.report({ phase: 'kernel', done: 1, total: 10 });
  assert.equal(meter.measured().percent, 15, 'it never goes back');
  meter.begin('image');
  meter.report({ phase: 'image', done: 10, total: 10 });
  assert.equal(meter.measured().percent, 99, 'not all is done before the end');
});
