import assert from 'node:assert/strict';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { RunEvent } from '../events.ts';
import { readCells } from './engine.ts';
import { testBook, testPlan } from './testing/book.ts';
import { linesOf, openDesk, outputOf } from './testing/desk.ts';

const MAKE = { text: 'echo made >>made\n', check: 'test -e made\n' };
const types = (events: RunEvent[]) =>
  events.filter(({ type }) => type !== 'run.output').map(({ type }) => type);

test('a step whose check does not hold is run, checked and recorded, in this order', async t => {
  const desk = await openDesk(t, { manifest: testBook({ a: { 'step:make': MAKE } }) });
  const result = await desk.run('make');
  assert.equal(result.outcome, 'done');
  assert.deepEqual(linesOf(desk, 'made'), ['made']);
  const expected = ['run.started', 'run.checked', 'run.shipped', 'run.exited', 'run.checked', 'run.finished'];
  assert.deepEqual(types(desk.events), expected);
  assert.equal(desk.status('make'), 'done');
});

test('a step whose check holds already is proven, and not run; force runs it', async t => {
  const desk = await openDesk(t, { manifest: testBook({ a: { 'step:make': MAKE } }) });
  await desk.run('make');
  assert.equal((await desk.run('make')).outcome, 'proven');
  assert.deepEqual(linesOf(desk, 'made'), ['made']);
  assert.equal((await desk.run('make', 'workstation', { mode: 'force' })).outcome, 'done');
  assert.deepEqual(linesOf(desk, 'made'), ['made', 'made']);
});

test('a step that is stale is run although its check holds', async t => {
  const desk = await openDesk(t, { manifest: testBook({ a: { 'step:make': MAKE } }) });
  await desk.run('make');
  desk.runner.setManifest(testBook({ a: { 'step:make': { ...MAKE, text: 'echo other >>made\n' } } }));
  assert.equal(desk.status('make'), 'stale');
  assert.match(desk.runner.cell('make', 'workstation')?.reason ?? '', /its text changed/);
  assert.equal((await desk.run('make')).outcome, 'done');
  assert.deepEqual(linesOf(desk, 'made'), ['made', 'other']);
});

test('a changed text can be accepted without running it, and only when it is stale', async t => {
  const desk = await openDesk(t, { manifest: testBook({ a: { 'step:make': MAKE } }) });
  await desk.run('make');
  const changed = testBook({ a: { 'step:make': { ...MAKE, text: 'echo other >>made\n' } } });
  const { digest } = changed.steps[0]!;
  assert.throws(() => desk.runner.accept('make', 'workstation', digest), { code: 'step-changed' });
  desk.runner.setManifest(changed);
  desk.runner.accept('make', 'workstation', digest);
  assert.equal(desk.status('make'), 'done');
  assert.throws(() => desk.runner.accept('make', 'workstation', digest), { code: 'refused' });
  assert.deepEqual(linesOf(desk, 'made'), ['made']);
  const again = await desk.reopen({ manifest: changed });
  assert.equal(again.status('make'), 'done', 'it was written down');
});

test('an unknown step, another digest and a subject that the step is not for are refused, and leave no trace', async t => {
  const desk = await openDesk(t, { manifest: testBook({ a: { 'step:make': MAKE } }) });
  const refused = await Promise.all([
    desk.run('nothing'),
    desk.run('make', 'workstation', { digest: 'older' }),
    desk.run('make', 'n1'),
  ]);
  assert.deepEqual(
    refused.map(({ outcome, code }) => [outcome, code]),
    [
      ['refused', 'step-unknown'],
      ['refused', 'step-changed'],
      ['refused', 'refused'],
    ],
  );
  assert.deepEqual(desk.events, []);
});

test('a step above that is not proven is named, and nothing is run', async t => {
  const manifest = testBook({
    a: { 'step:first': { check: 'test -e first\n' }, 'step:make': MAKE },
    b: { 'show:far': { needs: ['make'] } },
  });
  const desk = await openDesk(t, { manifest });
  const result = await desk.run('make');
  assert.deepEqual([result.outcome, result.code], ['refused', 'needs-unproven']);
  assert.match(result.reason, /`first`/);
  assert.match((await desk.run('far')).reason, /`make`/);
  assert.deepEqual(linesOf(desk, 'made'), []);
  assert.deepEqual(types(desk.events), ['run.started', 'run.finished', 'run.started', 'run.finished']);
  assert.equal(desk.status('make'), 'todo');
});

test('an exit status other than 0 is a failure that tells the status and the last line', async t => {
  const desk = await openDesk(t, {
    manifest: testBook({ a: { 'step:fail': { text: 'echo "no such luck"\nexit 7\n', check: 'false\n' } } }),
  });
  const result = await desk.run('fail');
  assert.equal(result.outcome, 'failed');
  assert.equal(result.reason, 'exit status 7: no such luck');
  assert.equal(desk.status('fail'), 'failed');
});

test('of a step or a check that fails in silence, the reason tells the line and the command', async t => {
  const check = 'true\ntest -s "$HOME/none"\n';
  const desk = await openDesk(t, {
    manifest: testBook({
      a: { 'step:silent': { text: ':\nfalse # a comment\n', check } },
      b: { 'step:idle': { text: ':\n', check } },
      c: { 'step:loud': { text: 'echo "no such luck"; false\n', check } },
    }),
  });
  const reasonOf = async (step: string) => (await desk.run(step)).reason;
  assert.equal(await reasonOf('silent'), 'exit status 1: line 2: false');
  assert.equal(
    await reasonOf('idle'),
    'its check does not hold (exit status 1: line 2: test -s "$HOME/none")',
  );
  assert.equal(await reasonOf('loud'), 'exit status 1: no such luck (line 1: false)');
});

test('a step that ends well and whose check does not hold has not done what it is for', async t => {
  const desk = await openDesk(t, {
    manifest: testBook({ a: { 'step:idle': { check: 'echo "nothing there"\nfalse\n' } } }),
  });
  const result = await desk.run('idle');
  assert.equal(result.outcome, 'check-failed');
  assert.match(result.reason, /nothing there/);
});

test('the check after is tried until it holds or settle has passed; the one before once', async t => {
  const check = 'echo look >>looks\ntest "$(wc -l <looks)" -ge 4\n';
  const desk = await openDesk(t, { manifest: testBook({ a: { 'step:late': { check, settleMs: 20_000 } } }) });
  assert.equal((await desk.run('late')).outcome, 'done');
  assert.equal(linesOf(desk, 'looks').length, 4);
  const checked = desk.events.filter(({ type }) => type === 'run.checked');
  assert.deepEqual(
    checked.map(event => event.type === 'run.checked' && [event.phase, event.holds]),
    [
      ['before', false],
      ['after', true],
    ],
  );
});

test('between two looks passes as much time as the first has taken, so that what is waited for gets on', async t => {
  const check = 'date +%s%3N >>looks\nsleep 0.6\ndate +%s%3N >>looks\ntest "$(wc -l <looks)" -ge 6\n';
  const desk = await openDesk(t, { manifest: testBook({ a: { 'step:slow': { check, settleMs: 20_000 } } }) });
  assert.equal((await desk.run('slow')).outcome, 'done');
  const at = linesOf(desk, 'looks').map(Number);
  assert.equal(at.length, 6);
  assert.ok(at[4]! - at[3]! >= 550, `the pause was ${at[4]! - at[3]!} ms`); // the first two are before and after
});

test('settle ends: a check that never holds is said to have failed', async t => {
  const desk = await openDesk(t, {
    manifest: testBook({ a: { 'step:never': { check: 'false\n', settleMs: 400 } } }),
  });
  assert.equal((await desk.run('never')).outcome, 'check-failed');
});

test('an event is looked at afterwards only, runs when asked, and once a digest in a series', async t => {
  const desk = await openDesk(t, { manifest: testBook({ a: { 'event:boom': MAKE } }) });
  const series = (what: string[] = []) => desk.runner.series({ what }, { by: 'test', mode: 'run' });
  assert.deepEqual(
    (await series()).map(({ outcome }) => outcome),
    ['done'],
  );
  assert.deepEqual(
    (await series()).map(({ outcome }) => outcome),
    ['proven'],
  );
  assert.equal(linesOf(desk, 'made').length, 1);
  assert.deepEqual(
    (await series(['boom'])).map(({ outcome }) => outcome),
    ['done'],
    'asked for by name',
  );
  assert.equal((await desk.run('boom')).outcome, 'done');
  assert.equal(linesOf(desk, 'made').length, 3);
  const phases = desk.events.flatMap(event => (event.type === 'run.checked' ? [event.phase] : []));
  assert.deepEqual([...new Set(phases)], ['after']);
});

test('a show runs whenever asked', async t => {
  const desk = await openDesk(t, {
    manifest: testBook({ a: { 'show:it': { text: 'echo shown >>made\necho hello\n' } } }),
  });
  await desk.run('it');
  const { run, outcome } = await desk.run('it');
  assert.equal(outcome, 'done');
  assert.equal(linesOf(desk, 'made').length, 2);
  assert.equal(outputOf(desk, run), 'hello\r\n');
  assert.equal((await desk.run('it', 'workstation', { mode: 'check' })).outcome, 'refused');
});

test('a gate is its own check; what it prints is kept, and nothing that follows runs while it does not hold', async t => {
  const manifest = testBook({
    a: { 'gate:ready': { text: 'echo looking\ntest -e ready\n' }, 'step:make': MAKE },
  });
  const desk = await openDesk(t, { manifest });
  const closed = await desk.run('ready');
  assert.equal(closed.outcome, 'failed');
  assert.equal(outputOf(desk, closed.run), 'looking\r\nline 2: test -e ready\r\n');
  assert.equal((await desk.run('make')).code, 'needs-unproven');
  writeFileSync(join(desk.paths.work, 'ready'), '');
  assert.equal((await desk.run('ready')).outcome, 'done');
  assert.equal((await desk.run('make')).outcome, 'done');
});

test('a re-check only looks: it finds drift, and mends it when it holds again', async t => {
  const desk = await openDesk(t, {
    manifest: testBook({ a: { 'step:make': { text: 'touch made\n', check: 'test -e made\n' } } }),
  });
  const check = () => desk.run('make', 'workstation', { mode: 'check' });
  await desk.run('make');
  assert.equal((await check()).outcome, 'proven');
  rmSync(join(desk.paths.work, 'made'));
  assert.equal((await check()).outcome, 'check-failed');
  assert.equal(desk.status('make'), 'drifted');
  assert.equal((await desk.run('make')).outcome, 'done');
  assert.equal(desk.status('make'), 'done');
});

test('a step that destroys needs the name typed, unless it need not run', async t => {
  const wipe = { ...MAKE, destroys: 'the disk', on: 'first' };
  const manifest = testBook({ a: { 'step:wipe': wipe } });
  const desk = await openDesk(t, { manifest, plan: testPlan(['etcd']) });
  for (const confirm of [undefined, 'n2', 'N1']) {
    const { outcome, code } = await desk.run('wipe', 'n1', confirm === undefined ? {} : { confirm });
    assert.deepEqual([outcome, code], ['refused', 'confirmation-missing']);
  }
  assert.ok(!existsSync(join(desk.paths.root, 'side', 'n1', 'made')));
  assert.equal((await desk.run('wipe', 'n1', { confirm: 'n1' })).outcome, 'done');
  assert.equal((await desk.run('wipe', 'n1')).outcome, 'proven');
  desk.runner.setManifest(testBook({ a: { 'step:wipe': { ...wipe, text: 'echo other >>made\n' } } }));
  const { reason } = await desk.run('wipe', 'n1');
  assert.match(
    reason,
    /type n1 to confirm, or keep what is there and accept .*kfs accept wipe.*its text changed/,
  );
});

test('those who only look see the same cells while the runner works', async t => {
  const manifest = testBook({ a: { 'step:make': MAKE, 'show:it': {} } });
  const desk = await openDesk(t, { manifest });
  await desk.run('make');
  assert.deepEqual(readCells({ manifest, plan: null, paths: desk.paths }), desk.runner.cells());
});
