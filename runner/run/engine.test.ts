import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { RunEvent } from '../events.ts';
import { rawFile } from '../journal/transcript.ts';
import { localMachine } from '../machine/local.ts';
import type { Facts, Machine } from '../machine/machine.ts';
import { readCells } from './engine.ts';
import { testBook, testPlan } from './testing/book.ts';
import { type Desk, openDesk, sideMachine, stateDir } from './testing/desk.ts';

const MAKE = { text: 'echo made >>made\n', check: 'test -e made\n' };
const lines = (desk: Desk, file = 'made') =>
  existsSync(join(desk.paths.work, file))
    ? readFileSync(join(desk.paths.work, file), 'utf8').trimEnd().split('\n')
    : [];
const types = (events: RunEvent[]) =>
  events.filter(({ type }) => type !== 'run.output').map(({ type }) => type);
const output = (desk: Desk, run: string) => Buffer.from(desk.runner.transcript(run).bytes).toString();

test('a step whose check does not hold is run, checked and recorded, in this order', async t => {
  const desk = await openDesk(t, { manifest: testBook({ a: { 'step:make': MAKE } }) });
  const result = await desk.run('make');
  assert.equal(result.outcome, 'done');
  assert.deepEqual(lines(desk), ['made']);
  const expected = ['run.started', 'run.checked', 'run.shipped', 'run.exited', 'run.checked', 'run.finished'];
  assert.deepEqual(types(desk.events), expected);
  assert.equal(desk.status('make'), 'done');
});

test('a step whose check holds already is proven, and not run; force runs it', async t => {
  const desk = await openDesk(t, { manifest: testBook({ a: { 'step:make': MAKE } }) });
  await desk.run('make');
  assert.equal((await desk.run('make')).outcome, 'proven');
  assert.deepEqual(lines(desk), ['made']);
  assert.equal((await desk.run('make', 'workstation', { mode: 'force' })).outcome, 'done');
  assert.deepEqual(lines(desk), ['made', 'made']);
});

test('a step that is stale is run although its check holds', async t => {
  const desk = await openDesk(t, { manifest: testBook({ a: { 'step:make': MAKE } }) });
  await desk.run('make');
  desk.runner.setManifest(testBook({ a: { 'step:make': { ...MAKE, text: 'echo other >>made\n' } } }));
  assert.equal(desk.status('make'), 'stale');
  assert.match(desk.runner.cell('make', 'workstation')?.reason ?? '', /its text changed/);
  assert.equal((await desk.run('make')).outcome, 'done');
  assert.deepEqual(lines(desk), ['made', 'other']);
});

test('a changed text can be accepted without running it, and only when it is stale', async t => {
  const desk = await openDesk(t, { manifest: testBook({ a: { 'step:make': MAKE } }) });
  await desk.run('make');
  const changed = testBook({ a: { 'step:make': { ...MAKE, text: 'echo other >>made\n' } } });
  const { digest } = changed.steps[0]!;
  assert.throws(() => desk.runner.accept('make', 'workstation', digest, 'test'), { code: 'step-changed' });
  desk.runner.setManifest(changed);
  desk.runner.accept('make', 'workstation', digest, 'test');
  assert.equal(desk.status('make'), 'done');
  assert.throws(() => desk.runner.accept('make', 'workstation', digest, 'test'), { code: 'refused' });
  assert.deepEqual(lines(desk), ['made']);
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
  assert.deepEqual(lines(desk), []);
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
  assert.equal(lines(desk, 'looks').length, 4);
  const checked = desk.events.filter(({ type }) => type === 'run.checked');
  assert.deepEqual(
    checked.map(event => event.type === 'run.checked' && [event.phase, event.holds]),
    [
      ['before', false],
      ['after', true],
    ],
  );
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
  assert.equal(lines(desk).length, 1);
  assert.deepEqual(
    (await series(['boom'])).map(({ outcome }) => outcome),
    ['done'],
    'asked for by name',
  );
  assert.equal((await desk.run('boom')).outcome, 'done');
  assert.equal(lines(desk).length, 3);
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
  assert.equal(lines(desk).length, 2);
  assert.equal(output(desk, run), 'hello\r\n');
  assert.equal((await desk.run('it', 'workstation', { mode: 'check' })).outcome, 'refused');
});

test('a gate is its own check; what it prints is kept, and nothing that follows runs while it does not hold', async t => {
  const manifest = testBook({
    a: { 'gate:ready': { text: 'echo looking\ntest -e ready\n' }, 'step:make': MAKE },
  });
  const desk = await openDesk(t, { manifest });
  const closed = await desk.run('ready');
  assert.equal(closed.outcome, 'failed');
  assert.equal(output(desk, closed.run), 'looking\r\n');
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
  const manifest = testBook({ a: { 'step:wipe': { ...MAKE, destroys: 'the disk', on: 'first' } } });
  const desk = await openDesk(t, { manifest, plan: testPlan(['etcd']) });
  for (const confirm of [undefined, 'n2', 'N1']) {
    const { outcome, code } = await desk.run('wipe', 'n1', confirm === undefined ? {} : { confirm });
    assert.deepEqual([outcome, code], ['refused', 'confirmation-missing']);
  }
  assert.ok(!existsSync(join(desk.paths.root, 'side', 'n1', 'made')));
  assert.equal((await desk.run('wipe', 'n1', { confirm: 'n1' })).outcome, 'done');
  assert.equal((await desk.run('wipe', 'n1')).outcome, 'proven');
});

test('a step that takes too long is ended by its host and said to have timed out', async t => {
  const desk = await openDesk(t, {
    manifest: testBook({
      a: { 'step:slow': { text: 'echo begun\nsleep 60\n', check: 'false\n', timeoutMs: 700 } },
    }),
  });
  const result = await desk.run('slow');
  assert.equal(result.outcome, 'timeout');
  assert.match(output(desk, result.run), /^begun\r\n/);
});

test('Stop ends a running step, also one that has left its session, and is recorded', async t => {
  const text = 'setsid sleep 300 &\necho $! >child\necho begun\nsleep 300\n';
  const desk = await openDesk(t, { manifest: testBook({ a: { 'step:slow': { text, check: 'false\n' } } }) });
  const running = desk.run('slow');
  const { run } = await desk.event('run.output');
  await desk.runner.stop(run, false);
  assert.equal((await running).outcome, 'stopped');
  const child = Number(lines(desk, 'child')[0]);
  assert.ok(isGone(child));
  await assert.rejects(desk.runner.stop(run, false), { code: 'refused' });
});

/** Ended, whether or not its new parent has taken notice. */
const isGone = (pid: number): boolean =>
  !existsSync(`/proc/${pid}/stat`) || / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));

test('Stop during the check after ends the waiting', async t => {
  const desk = await openDesk(t, {
    manifest: testBook({ a: { 'step:wait': { check: 'false\n', settleMs: 60_000 } } }),
  });
  const running = desk.run('wait');
  const { run } = await desk.event('run.exited');
  await desk.runner.stop(run, false);
  assert.equal((await running).outcome, 'stopped');
});

test('what is typed reaches the program, and so does the size of the window', async t => {
  const text = 'stty size\nread -r line\nstty size\necho "got $line"\n';
  const desk = await openDesk(t, { manifest: testBook({ a: { 'show:ask': { text } } }) });
  const running = desk.run('ask', 'workstation', { size: { columns: 91, rows: 23 } });
  const { run } = await desk.event('run.output');
  await desk.runner.resize(run, { columns: 77, rows: 11 });
  await desk.runner.input(run, Buffer.from('hello\n'));
  await running;
  assert.match(output(desk, run), /^23 91\r\n(hello\r\n)?[\s\S]*11 77\r\ngot hello\r\n$/);
});

test('the transcript has every byte, and length and digest are recorded with it', async t => {
  const text = `printf '\\xff\\xfe\\0raw'\nhead -c 300000 /dev/zero | tr '\\0' x\nprintf 'no newline'\n`;
  const desk = await openDesk(t, { manifest: testBook({ a: { 'show:bytes': { text } } }) });
  const { run } = await desk.run('bytes');
  const expected = Buffer.concat([
    Buffer.from([255, 254, 0]),
    Buffer.from(`raw${'x'.repeat(300_000)}no newline`),
  ]);
  assert.deepEqual(readFileSync(rawFile(desk.paths, run)), expected);
  const exited = await desk.event('run.exited');
  assert.equal(exited.bytes, expected.length);
  assert.equal(exited.sha256, createHash('sha256').update(expected).digest('hex'));
  const pieces = desk.events.flatMap(event => (event.type === 'run.output' ? [event.bytes] : []));
  assert.deepEqual(Buffer.concat(pieces), expected, 'subscribers had them all');
  assert.deepEqual(Buffer.from(desk.runner.transcript(run, 3, 3).bytes), Buffer.from('raw'));
  assert.equal(desk.runner.transcript(run).complete, true);
});

test('the spool on the host is gone once the run is recorded here', async t => {
  const desk = await openDesk(t, { manifest: testBook({ a: { 'step:make': MAKE } }) });
  await desk.run('make');
  await desk.runner.close();
  assert.deepEqual(await sideJobs(desk), []);
});

const sideJobs = async (desk: Desk) => {
  const machine = localMachine('workstation', { spool: desk.paths.jobs, workdir: desk.paths.work });
  return machine.jobs().finally(() => machine.close());
};

test('variables of the plan are exported, and their values are kept with the run', async t => {
  const manifest = testBook({
    a: { 'show:env': { on: 'all', text: 'echo "$KFS_MACHINE $KFS_ADDRESS $KFS_DOMAIN"\n' } },
  });
  const desk = await openDesk(t, { manifest, plan: testPlan(['etcd'], ['node']) });
  const { run } = await desk.run('env', 'n2');
  assert.equal(output(desk, run), 'n2 10.0.0.12 test.example\r\n');
  const { inputs } = await desk.event('run.started');
  assert.deepEqual(inputs, { KFS_MACHINE: 'n2', KFS_ADDRESS: '10.0.0.12', KFS_DOMAIN: 'test.example' });
  assert.equal(desk.runner.environment('env', 'n1').KFS_ADDRESS, '10.0.0.11');
});

test('what another plan would make stale can be asked before it is there', async t => {
  const manifest = testBook({
    a: { 'step:env': { on: 'all', text: 'echo $KFS_DOMAIN >made\n', check: 'test -e made\n' } },
  });
  const plan = testPlan(['etcd'], ['node']);
  const desk = await openDesk(t, { manifest, plan });
  await desk.run('env', 'n1');
  const other = { ...plan, domain: 'other.example' };
  assert.deepEqual(
    desk.runner.staleUnder(other).map(({ subject }) => subject),
    ['n1'],
  );
  assert.equal(desk.status('env', 'n1'), 'done');
  desk.runner.setPlan(other);
  assert.equal(desk.status('env', 'n1'), 'stale');
});

test('a second step on a busy machine is refused with the name of the first', async t => {
  const manifest = testBook({
    a: { 'show:slow': { text: 'echo begun\nsleep 30\n' } },
    b: { 'show:other': {} },
  });
  const desk = await openDesk(t, { manifest });
  const running = desk.run('slow');
  const { run } = await desk.event('run.output');
  const refused = await desk.run('other');
  assert.deepEqual([refused.outcome, refused.code], ['refused', 'machine-locked']);
  assert.match(refused.reason, /`slow`/);
  assert.match((await desk.run('slow')).reason, /running/);
  await desk.runner.stop(run, true);
  await running;
  assert.equal((await desk.run('other')).outcome, 'done');
});

test('a machine on which another runner works is refused, and who that is is said', async t => {
  const manifest = testBook({ a: { 'show:it': {} } });
  const desk = await openDesk(t, { manifest });
  const other = localMachine('workstation', { spool: desk.paths.jobs, workdir: desk.paths.work });
  const lock = await other.lock('someone else');
  const refused = await desk.run('it');
  assert.deepEqual([refused.outcome, refused.code], ['refused', 'machine-locked']);
  assert.match(refused.reason, /someone else/);
  await lock.release();
  await other.close();
  assert.equal((await desk.run('it')).outcome, 'done');
});

/** A real machine that says of itself what the test wants: no boot can be had here. */
function machineWith(machine: Machine, facts: () => Partial<Facts>): Machine {
  const own = machine.facts.bind(machine);
  return Object.assign(machine, {
    facts: async (signal?: AbortSignal) => ({ ...(await own(signal)), ...facts() }),
  });
}

test('a step that reboots waits for another boot id before its check', async t => {
  const paths = stateDir(t);
  const text = 'echo going down\nkill -TERM $$\n';
  const manifest = testBook({ a: { 'step:reboot': { on: 'first', text, check: 'true\n', reboots: true } } });
  let asked = 0;
  const n1 = machineWith(sideMachine(paths, 'n1'), () => (asked++ > 2 ? { bootId: 'the-next-boot' } : {}));
  const desk = await openDesk(t, {
    manifest,
    paths,
    plan: testPlan(['etcd']),
    machines: name => (name === 'n1' ? n1 : null),
  });
  const result = await desk.run('reboot', 'n1', { mode: 'force' });
  assert.equal(result.outcome, 'done', result.reason);
  const rebooting = desk.events.filter(event => event.type === 'run.rebooting');
  assert.equal(rebooting.length, 2);
  assert.equal(rebooting[1]?.to, 'the-next-boot');
  assert.ok(asked > 2);
});

test('a machine that does not come back in time is said to have timed out', async t => {
  const manifest = testBook({
    a: { 'step:reboot': { on: 'first', text: 'true\n', check: 'true\n', reboots: true, timeoutMs: 1500 } },
  });
  const desk = await openDesk(t, { manifest, plan: testPlan(['etcd']) });
  const result = await desk.run('reboot', 'n1', { mode: 'force' });
  assert.deepEqual([result.outcome, result.reason], ['timeout', 'n1 was not back within 2 s']);
});

test('a machine with another machine-id starts over, and the others do not', async t => {
  const paths = stateDir(t);
  const manifest = testBook({ a: { 'step:make': { ...MAKE, on: 'all' } } });
  let id = 'first';
  const machines = (name: string) => {
    if (name === 'workstation') return null;
    const machine = sideMachine(paths, name);
    return name === 'n1' ? machineWith(machine, () => ({ machineId: id })) : machine;
  };
  const desk = await openDesk(t, { manifest, paths, plan: testPlan(['etcd'], ['node']), machines });
  await desk.run('make', 'n1');
  await desk.run('make', 'n2');
  id = 'second';
  await desk.run('make', 'n1', { mode: 'check', digest: manifest.steps[0]!.digest });
  assert.equal(desk.status('make', 'n2'), 'done');
  const [before, after] = desk.events.filter(
    event => event.type === 'machine.seen' && event.machine === 'n1',
  );
  assert.ok(before && after);
  const starts = desk.events.flatMap(event =>
    event.type === 'run.started' && event.subject === 'n1' ? [event.identity] : [],
  );
  assert.deepEqual(starts, ['first', 'second']);
});

test('a step for a person waits, is done when he says so, and the check decides', async t => {
  const manifest = testBook({
    a: { 'step:plug': { handsMs: 60_000, text: '# plug it in\n', check: 'test -e plugged\n' } },
  });
  const desk = await openDesk(t, { manifest });
  const running = desk.run('plug');
  const { run } = await desk.event('run.hands');
  assert.equal(desk.status('plug'), 'hands');
  writeFileSync(join(desk.paths.work, 'plugged'), '');
  desk.runner.handsDone(run);
  assert.equal((await running).outcome, 'done');
  const done = await desk.event('run.hands', ({ state }) => state === 'done');
  assert.equal(done.by, 'reader');
  assert.throws(() => desk.runner.handsDone(run), { code: 'refused' });
});

test('a person who says done too early is contradicted by the check', async t => {
  const manifest = testBook({
    a: { 'step:plug': { handsMs: 60_000, check: 'test -e plugged\n', settleMs: 200 } },
  });
  const desk = await openDesk(t, { manifest });
  const running = desk.run('plug');
  desk.runner.handsDone((await desk.event('run.hands')).run);
  assert.equal((await running).outcome, 'check-failed');
});

test('a power driver does what a person would, and is named in the record', async t => {
  const manifest = testBook({ a: { 'step:power': { on: 'first', handsMs: 1, check: 'test -e on\n' } } });
  const paths = stateDir(t);
  const power = () => ({
    name: 'lab',
    perform: async () => writeFileSync(join(paths.root, 'side', 'n1', 'on'), ''),
  });
  const desk = await openDesk(t, { manifest, paths, plan: testPlan(['etcd']), power });
  assert.equal((await desk.run('power', 'n1')).outcome, 'done');
  assert.equal((await desk.event('run.hands', ({ state }) => state === 'done')).by, 'lab');
});

test('a power driver that cannot is a failure with its reason', async t => {
  const manifest = testBook({ a: { 'step:power': { on: 'first', handsMs: 1, check: 'false\n' } } });
  const perform = () => Promise.reject(new Error('no such socket'));
  const desk = await openDesk(t, {
    manifest,
    plan: testPlan(['etcd']),
    power: () => ({ name: 'lab', perform }),
  });
  assert.match((await desk.run('power', 'n1')).reason, /lab.*no such socket/);
});

test('a subscriber that never answers holds up neither the recording nor the run', async t => {
  const desk = await openDesk(t, { manifest: testBook({ a: { 'show:loud': { text: 'seq 200000\n' } } }) });
  const seen: RunEvent[] = [];
  desk.runner.subscribe(event => {
    seen.push(event);
    return new Promise(() => {});
  });
  const { run, outcome } = await desk.run('loud');
  assert.equal(outcome, 'done');
  assert.match(output(desk, run), /\r\n200000\r\n$/);
  assert.equal(seen.length, 1);
});

test('a subscriber that throws ends no run', async t => {
  const desk = await openDesk(t, { manifest: testBook({ a: { 'show:it': {} } }) });
  const warned = new Promise(resolve => process.once('warning', resolve));
  desk.runner.subscribe(() => {
    throw new Error('a broken subscriber');
  });
  assert.equal((await desk.run('it')).outcome, 'done');
  assert.match(String(await warned), /broken subscriber/);
});

test('a full disk in the middle of a step: it goes on, the runner says so, and the end is collected later', async t => {
  const text = 'echo begun\nuntil test -e go; do sleep 0.05; done\nseq 100000\n';
  const manifest = testBook({ a: { 'show:loud': { text } } });
  const first = await openDesk(t, { manifest });
  const running = first.run('loud');
  const { run } = await first.event('run.output');
  await first.runner.close();
  assert.equal((await running).outcome, 'lost', 'the runner has left it');
  const raw = rawFile(first.paths, run);
  renameSync(raw, `${raw}.aside`);
  symlinkSync('/dev/full', raw);
  const desk = await first.reopen();
  const full = await desk.run('loud');
  assert.deepEqual([full.outcome, full.code, full.run], ['lost', 'disk-full', run]);
  rmSync(raw);
  renameSync(`${raw}.aside`, raw);
  writeFileSync(join(desk.paths.work, 'go'), '');
  assert.equal((await desk.run('loud')).outcome, 'done');
  assert.match(output(desk, run), /^begun\r\n1\r\n[\s\S]*\r\n100000\r\n$/);
});

test('those who only look see the same cells while the runner works', async t => {
  const manifest = testBook({ a: { 'step:make': MAKE, 'show:it': {} } });
  const desk = await openDesk(t, { manifest });
  await desk.run('make');
  assert.deepEqual(readCells({ manifest, plan: null, paths: desk.paths }), desk.runner.cells());
});
