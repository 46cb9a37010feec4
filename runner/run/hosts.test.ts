import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { localMachine } from '../machine/local.ts';
import type { Facts, Machine } from '../machine/machine.ts';
import { testBook, testPlan } from './testing/book.ts';
import { openDesk, outputOf, sideMachine, stateDir } from './testing/desk.ts';

const MAKE = { text: 'echo made >>made\n', check: 'test -e made\n' };

test('variables of the plan are exported, and their values are kept with the run', async t => {
  const manifest = testBook({
    a: { 'show:env': { on: 'all', text: 'echo "$KFS_MACHINE $KFS_ADDRESS $KFS_DOMAIN"\n' } },
  });
  const desk = await openDesk(t, { manifest, plan: testPlan(['etcd'], ['node']) });
  const { run } = await desk.run('env', 'n2');
  assert.equal(outputOf(desk, run), 'n2 10.0.0.12 test.example\r\n');
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

test('what a step of the workstation has written on its machine is flushed there before it is checked', async t => {
  const paths = stateDir(t);
  const step = { on: 'workstation', for: 'all', text: 'touch made\n', check: 'test -e made\n' };
  const flushed: string[] = [];
  const n1 = Object.assign(sideMachine(paths, 'n1'), {
    capture: async (script: string) => {
      const checks = desk.events.filter(({ type }) => type === 'run.checked').length;
      flushed.push(`${script} after ${checks} checks`);
      return { status: 0, output: '', timedOut: false };
    },
  });
  const desk = await openDesk(t, {
    manifest: testBook({ a: { 'step:key': step } }),
    paths,
    plan: testPlan(['etcd']),
    machines: name => (name === 'n1' ? n1 : null),
  });
  assert.equal((await desk.run('key', 'n1', { mode: 'force' })).outcome, 'done');
  assert.deepEqual(flushed, ['sync --file-system / after 0 checks']);
});

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
  assert.deepEqual([result.outcome, result.reason], ['timeout', 'n1 was not back within 1.5 s']);
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
