import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { KfsError } from '../errors.ts';
import type { Machine } from '../machine/machine.ts';
import { testBook, testPlan } from './testing/book.ts';
import { type Desk, openDesk, sideMachine, stateDir } from './testing/desk.ts';

const INSTALL = { on: 'all', handsMs: 60_000, text: '# install: plug the stick in\n', check: 'true\n' };

/** What a test makes of the machine n1. */
interface Disk {
  /** Its machine-id. */
  id: string;
  /** What systemd takes it for; undefined when it does not answer that. */
  virtual: string | undefined;
}

/** A machine on which all checks hold, with the identity that the test gives it. */
function machineOf(machine: Machine, disk: Disk): Machine {
  const own = { facts: machine.facts.bind(machine), capture: machine.capture.bind(machine) };
  return Object.assign(machine, {
    facts: async (signal?: AbortSignal) => ({ ...(await own.facts(signal)), machineId: disk.id }),
    capture: async (...asked: Parameters<Machine['capture']>) => {
      if (!asked[0].startsWith('systemd-detect-virt')) return own.capture(...asked);
      if (disk.virtual === undefined) throw new KfsError('machine-unreachable', 'n1 cannot be reached');
      return { status: disk.virtual === 'none' ? 1 : 0, output: `${disk.virtual}\n`, timedOut: false };
    },
  });
}

async function openInstallation(t: TestContext, words: Partial<typeof INSTALL> = {}) {
  const paths = stateDir(t);
  const disk: Disk = { id: 'old', virtual: 'none' };
  const desk = await openDesk(t, {
    manifest: testBook({ a: { 'step:install': { ...INSTALL, ...words } } }),
    paths,
    plan: testPlan(['etcd']),
    machines: name => (name === 'workstation' ? null : machineOf(sideMachine(paths, name), disk)),
  });
  return { desk, disk };
}

/** Asks for the installation, does by hand what `work` does meanwhile, and says that it is done. */
async function install(desk: Desk, work: () => void = () => {}) {
  const begun = desk.events.length;
  const running = desk.run('install', 'n1', { mode: 'force' });
  const isNew = (event: (typeof desk.events)[number]) => desk.events.indexOf(event) >= begun;
  const { run } = await desk.event('run.hands', event => event.state === 'waiting' && isNew(event));
  work();
  desk.runner.handsDone(run);
  return running;
}

test('a machine that was to be installed anew and has started past the stick is not taken for new', async t => {
  const { desk } = await openInstallation(t);
  assert.equal((await install(desk)).outcome, 'done');
  for (const time of ['once', 'twice']) {
    const { outcome, reason } = await install(desk);
    assert.equal(outcome, 'check-failed', time);
    assert.match(reason, /^n1 is the machine that it was: it has started from its disk, past the stick \(/);
  }
  assert.equal(desk.status('install', 'n1'), 'failed');
});

test('a first installation and a second one are done', async t => {
  const { desk, disk } = await openInstallation(t);
  disk.id = 'first';
  assert.equal((await install(desk)).outcome, 'done', 'never seen before');
  const second = await install(desk, () => {
    disk.id = 'second';
  });
  assert.equal(second.outcome, 'done', second.reason);
});

test('an installation during which the runner was killed is done', async t => {
  const { desk, disk } = await openInstallation(t);
  await install(desk);
  const begun = desk.events.length;
  const running = desk.run('install', 'n1', { mode: 'force' });
  const { run } = await desk.event('run.hands', event => desk.events.indexOf(event) >= begun);
  disk.id = 'new';
  const next = await desk.reopen();
  await running;
  await next.runner.resume();
  next.runner.handsDone(run);
  const finished = await next.event('run.finished', event => event.run === run);
  assert.equal(finished.outcome, 'done', finished.reason);
});

test('the machine that it was is known as that when the runner was killed meanwhile', async t => {
  const { desk } = await openInstallation(t);
  await install(desk);
  const begun = desk.events.length;
  const running = desk.run('install', 'n1', { mode: 'force' });
  const { run } = await desk.event('run.hands', event => desk.events.indexOf(event) >= begun);
  const next = await desk.reopen();
  await running;
  await next.runner.resume();
  next.runner.handsDone(run);
  assert.equal((await next.event('run.finished')).outcome, 'check-failed');
});

test('a machine that was installed before anybody asked for it is done, although a re-check has seen it', async t => {
  const { desk, disk } = await openInstallation(t);
  await install(desk);
  disk.id = 'new';
  assert.equal((await desk.run('install', 'n1', { mode: 'check' })).outcome, 'proven');
  const result = await install(desk);
  assert.equal(result.outcome, 'done', result.reason);
});

test('a machine that was not ready in time is done when it is asked again', async t => {
  const { desk, disk } = await openInstallation(t, { check: 'test -e ready\n' });
  const late = await install(desk);
  assert.equal(late.outcome, 'check-failed');
  disk.id = 'old';
  desk.runner.setManifest(testBook({ a: { 'step:install': INSTALL } }));
  const result = await install(desk);
  assert.equal(result.outcome, 'done', result.reason);
});

test('where it cannot be known whether a machine is new, nothing is said', async t => {
  for (const [why, change] of Object.entries({
    'a virtual machine that gives its own identity': { virtual: 'kvm' },
    'a machine that has gone': { virtual: undefined },
    'a machine without a machine-id': { id: '' },
  })) {
    const { desk, disk } = await openInstallation(t);
    Object.assign(disk, change);
    await install(desk);
    const result = await install(desk);
    assert.equal(result.outcome, 'done', `${why}: ${result.reason}`);
  }
});

test('another work of the hands leaves a machine what it was', async t => {
  const { desk } = await openInstallation(t, { text: '# cut: pull the plug\n' });
  await install(desk);
  const result = await install(desk);
  assert.equal(result.outcome, 'done', result.reason);
});
