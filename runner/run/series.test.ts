import assert from 'node:assert/strict';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { RunResult, Selection, SeriesOptions } from './runner.ts';
import { testBook, testPlan, type Words } from './testing/book.ts';
import { type Desk, linesOf, openDesk, stateDir } from './testing/desk.ts';

const make = (name: string) => ({ text: `echo ${name} >>log\ntouch ${name}\n`, check: `test -e ${name}\n` });
const chapter = (...names: string[]): Words =>
  Object.fromEntries(names.map(name => [`step:${name}`, make(name)]));

const series = (desk: Desk, selection: Partial<Selection> = {}, options: Partial<SeriesOptions> = {}) =>
  desk.runner.series({ what: [], ...selection }, { by: 'test', mode: 'run', ...options });
const said = (results: RunResult[]) => results.map(({ step, outcome }) => `${step} ${outcome}`);
const log = (desk: Desk) => linesOf(desk, 'log');

test('a series runs in the order of the book, and a second one runs nothing', async t => {
  const desk = await openDesk(t, { manifest: testBook({ a: chapter('one', 'two'), b: chapter('three') }) });
  assert.deepEqual(said(await series(desk)), ['one done', 'two done', 'three done']);
  assert.deepEqual(log(desk), ['one', 'two', 'three']);
  assert.deepEqual(said(await series(desk, {}, { twice: true })), [
    'one proven',
    'two proven',
    'three proven',
  ]);
  assert.equal(log(desk).length, 3);
});

test('chapter, part, to here and from here say what is run; an unknown name is refused', async t => {
  const desk = await openDesk(t, {
    manifest: testBook({ a: chapter('one', 'two'), b: chapter('three', 'four') }),
  });
  const planned = (selection: Partial<Selection>) =>
    desk.runner.preview({ what: [], ...selection }).map(({ step }) => step);
  assert.deepEqual(planned({ what: ['part/b'] }), ['three', 'four']);
  assert.deepEqual(planned({ what: ['part'] }), ['one', 'two', 'three', 'four']);
  assert.deepEqual(planned({ what: ['four', 'part/a'] }), ['one', 'two', 'four']);
  assert.deepEqual(planned({ to: 'three' }), ['one', 'two', 'three']);
  assert.deepEqual(planned({ from: 'two', to: 'three' }), ['two', 'three']);
  assert.throws(() => planned({ what: ['five'] }), { code: 'step-unknown' });
  await assert.rejects(series(desk, { what: ['five'] }), { code: 'step-unknown' });
});

test('after a failure nothing more is run; with keepGoing what does not need it', async t => {
  const manifest = testBook({
    a: { 'step:bad': { text: 'exit 1\n', check: 'false\n' }, ...chapter('needy') },
    b: chapter('free'),
  });
  const desk = await openDesk(t, { manifest });
  assert.deepEqual(said(await series(desk)), ['bad failed']);
  const results = await series(desk, {}, { keepGoing: true });
  assert.deepEqual(said(results), ['bad failed', 'needy refused', 'free done']);
  assert.equal(results[1]?.code, 'needs-unproven');
});

test('prove: a check that holds before its step fails that step', async t => {
  const manifest = testBook({
    a: { ...chapter('good'), 'step:idle': { text: 'touch idle\n', check: 'true\n' } },
  });
  const desk = await openDesk(t, { manifest });
  const results = await series(desk, {}, { prove: true });
  assert.deepEqual(said(results), ['good done', 'idle check-failed']);
  assert.match(results[1]!.reason, /proves nothing/);
  assert.ok(!existsSync(join(desk.paths.work, 'idle')), 'it was not run');
});

test('twice: what would run again is a failure and is not run', async t => {
  const manifest = testBook({
    a: { 'step:forgets': { text: 'echo x >>log\n', check: 'test "$(wc -l <log)" = 1 && echo y >>log\n' } },
  });
  const desk = await openDesk(t, { manifest });
  assert.deepEqual(said(await series(desk)), ['forgets done']);
  assert.deepEqual(said(await series(desk, {}, { twice: true })), ['forgets check-failed']);
  assert.deepEqual(log(desk), ['x', 'y']);
  await assert.rejects(series(desk, {}, { twice: true, prove: true }), { code: 'usage' });
});

test('twice: a stale step and an event that has not happened would run again', async t => {
  const book = (text: string) =>
    testBook({ a: { 'step:one': { ...make('one'), text } }, b: { 'event:boom': {} } });
  const desk = await openDesk(t, { manifest: book('touch one\n') });
  await series(desk, { what: ['one'] });
  desk.runner.setManifest(book('touch one two\n'));
  const results = await series(desk, {}, { twice: true, keepGoing: true });
  assert.deepEqual(said(results), ['one check-failed', 'boom check-failed']);
  assert.ok(!existsSync(join(desk.paths.work, 'two')));
});

test('twice: what was shown is not shown again, unless it is named or its text is another', async t => {
  const book = (text: string) => testBook({ a: { 'show:look': { text } } });
  const desk = await openDesk(t, { manifest: book('echo look >>log\n') });
  assert.deepEqual(said(await series(desk)), ['look done']);
  assert.deepEqual(said(await series(desk, {}, { twice: true })), ['look proven']);
  assert.deepEqual(log(desk), ['look']);
  assert.deepEqual(said(await series(desk, { what: ['look'] }, { twice: true })), ['look done']);
  desk.runner.setManifest(book('echo look closer >>log\n'));
  assert.deepEqual(said(await series(desk, {}, { twice: true })), ['look done']);
  assert.deepEqual(log(desk), ['look', 'look', 'look closer']);
});

test('only what is stale is run when that is asked, with what stands on it', async t => {
  const book = (text: string) =>
    testBook({ a: { ...chapter('one'), 'step:two': { ...make('two'), text }, ...chapter('three') } });
  const desk = await openDesk(t, { manifest: book('echo two >>log; touch two\n') });
  await series(desk);
  desk.runner.setManifest(book('echo two again >>log; touch two\n'));
  assert.deepEqual(said(await series(desk, { stale: true })), ['two done', 'three done']);
  assert.deepEqual(log(desk).slice(3), ['two again', 'three']);
  assert.deepEqual(said(await series(desk, { stale: true })), []);
});

test('of alternatives one is run: the named, else the proven, else the first that we ran ourselves', async t => {
  const words = (name: string, more = {}) => ({
    [`step:${name}`]: { ...make(name), either: 'get', ...more },
  });
  const manifest = testBook({
    a: { ...words('download', { notRun: true }), ...words('build'), ...words('copy'), ...chapter('use') },
  });
  const desk = await openDesk(t, { manifest });
  const planned = (...what: string[]) => desk.runner.preview({ what }).map(({ step }) => step);
  assert.deepEqual(planned(), ['build', 'use']);
  assert.deepEqual(planned('copy', 'use'), ['copy', 'use']);
  assert.deepEqual(said(await series(desk, { what: ['copy'] })), ['copy done']);
  assert.deepEqual(said(await series(desk)), ['copy proven', 'use done']);
  assert.deepEqual(
    desk.runner.cells().map(({ status }) => status),
    ['done', 'done', 'done', 'done'],
  );
});

test('a step that destroys is run only on the machines that were named for it', async t => {
  const manifest = testBook({ a: { 'step:wipe': { ...make('wiped'), on: 'all', destroys: 'the disk' } } });
  const desk = await openDesk(t, { manifest, plan: testPlan(['etcd'], ['etcd']) });
  assert.deepEqual(desk.runner.preview({ what: [] })[0], {
    step: 'wipe',
    subject: 'n1',
    destroys: 'the disk',
  });
  const results = await series(desk, {}, { destroy: ['n2'] });
  assert.deepEqual(results.map(({ subject, outcome }) => `${subject} ${outcome}`).sort(), [
    'n1 refused',
    'n2 done',
  ]);
});

test('a role fans out side by side, up to the limit, each machine with its own state', async t => {
  const text = 'echo begun\nuntil test -e go; do sleep 0.05; done\ntest ! -e bad\n';
  const manifest = testBook({ a: { 'step:each': { text, check: 'test -e go\n', on: 'node' } } });
  const plan = testPlan(['etcd'], ['node'], ['node'], ['node']);
  const desk = await openDesk(t, { manifest, plan, parallel: 2 });
  const running = series(desk);
  const begun = () =>
    new Set(desk.events.flatMap(event => (event.type === 'run.output' ? [event.run] : []))).size;
  await desk.event('run.output', () => begun() === 2);
  assert.deepEqual(
    ['n1', 'n2', 'n3', 'n4'].map(name => desk.status('each', name)),
    [undefined, 'running', 'running', 'todo'],
  );
  const side = (name: string, file: string) => writeFileSync(join(desk.paths.root, 'side', name, file), '');
  side('n3', 'bad');
  for (const name of ['n2', 'n3']) side(name, 'go');
  await desk.event('run.started', ({ subject }) => subject === 'n4');
  await desk.event('run.output', () => begun() === 3);
  side('n4', 'go');
  await running;
  assert.deepEqual(
    ['n2', 'n3', 'n4'].map(name => desk.status('each', name)),
    ['done', 'failed', 'done'],
  );
});

test('a step on the workstation for several machines runs for them side by side', async t => {
  const text = 'echo "$KFS_MACHINE" >>log\nuntil test "$(wc -l <log)" = 2; do sleep 0.05; done\n';
  const manifest = testBook({
    a: { 'step:each': { text, check: 'grep -qx "$KFS_MACHINE" log\n', for: 'all', timeoutMs: 20_000 } },
  });
  const desk = await openDesk(t, { manifest, plan: testPlan(['etcd'], ['etcd']) });
  assert.deepEqual(said(await series(desk)), ['each done', 'each done']);
});

test('a signal stops the queue and leaves what runs running', async t => {
  const text = 'echo begun\nuntil test -e go; do sleep 0.05; done\n';
  const desk = await openDesk(t, {
    manifest: testBook({ a: { 'step:long': { text, check: 'test -e go\n' }, ...chapter('next') } }),
  });
  const interrupt = new AbortController();
  const running = series(desk, {}, { signal: interrupt.signal });
  await desk.event('run.output');
  interrupt.abort();
  assert.deepEqual(await running, []);
  assert.equal(desk.status('long'), 'running');
  writeFileSync(join(desk.paths.work, 'go'), '');
  await desk.event('run.finished');
  assert.equal(desk.status('long'), 'done');
  assert.equal(desk.status('next'), 'todo');
});

test('a series of re-checks looks at what was done, and at nothing else', async t => {
  const desk = await openDesk(t, {
    manifest: testBook({ a: { ...chapter('one', 'two', 'three'), 'show:it': {} } }),
  });
  await series(desk, { to: 'two' });
  const check = async (options: Partial<SeriesOptions> = {}, ...what: string[]) =>
    said(await series(desk, { what }, { mode: 'check', keepGoing: true, ...options }));
  assert.deepEqual(await check(), ['one proven', 'two proven']);
  assert.deepEqual(await check({ all: true }), ['one proven', 'two proven', 'three check-failed']);
  assert.deepEqual(await check({}, 'three', 'it'), ['three check-failed']);
});

test('a series of re-checks looks at an event that has happened if it is named, and never at another', async t => {
  const manifest = testBook({ a: { 'event:boom': make('boom'), 'event:later': { check: 'true\n' } } });
  const desk = await openDesk(t, { manifest });
  await series(desk, { what: ['boom'] });
  const check = async (...what: string[]) => said(await series(desk, { what }, { mode: 'check', all: true }));
  assert.deepEqual(await check(), []);
  assert.deepEqual(await check('boom', 'later'), ['boom proven']);
  assert.equal(desk.status('later'), 'todo');
});

test('of alternatives the one that was done is looked at, and run again, when it holds no more', async t => {
  const either = (name: string) => ({ [`step:${name}`]: { ...make(name), either: 'get' } });
  const desk = await openDesk(t, { manifest: testBook({ a: { ...either('build'), ...either('copy') } }) });
  await series(desk, { what: ['copy'] });
  rmSync(join(desk.paths.work, 'copy'));
  for (const _twice of [1, 2])
    assert.deepEqual(said(await series(desk, {}, { mode: 'check' })), ['copy check-failed']);
  assert.deepEqual(said(await series(desk)), ['copy done']);
});

test('with no plan only the workstation has steps', async t => {
  const desk = await openDesk(t, {
    manifest: testBook({ a: { ...chapter('one'), 'step:far': { ...make('far'), on: 'all' } } }),
  });
  assert.deepEqual(
    desk.runner.cells().map(({ step }) => step),
    ['one'],
  );
  desk.runner.setPlan(testPlan(['etcd']));
  assert.deepEqual(
    desk.runner.cells().map(({ step, subject }) => `${step} ${subject}`),
    ['one workstation', 'far n1'],
  );
});

test('a step that writes the plan gives the steps below it their machines and values, in the same series', async t => {
  const paths = stateDir(t);
  const written = join(paths.work, 'plan');
  const desk = await openDesk(t, {
    paths,
    planOnDisk: () => (existsSync(written) ? testPlan(['etcd'], ['node']) : undefined),
    manifest: testBook({
      a: {
        'step:plan': make('plan'),
        'show:cluster': { text: 'echo "cluster $KFS_CLUSTER" >>log\n' },
        'step:far': { ...make('far'), on: 'all' },
      },
    }),
  });
  const results = await series(desk);
  assert.deepEqual(results.map(({ step, subject, outcome }) => `${step} ${subject} ${outcome}`).sort(), [
    'cluster workstation done',
    'far n1 done',
    'far n2 done',
    'plan workstation done',
  ]);
  assert.deepEqual(log(desk), ['plan', 'cluster test']);
  assert.equal(desk.status('cluster'), 'done');
});
