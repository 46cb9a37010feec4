import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { sshMachine } from '../machine/ssh.ts';
import { cannotRunSshd, TestSshd } from '../machine/testing/sshd.ts';
import { testBook, testPlan } from './testing/book.ts';
import { type Desk, openDesk, outputOf } from './testing/desk.ts';

const LONG = {
  text: 'echo begun\nuntil test -e go; do sleep 0.05; done\necho ended\n',
  check: 'test -e go\n',
};
const go = (desk: Desk) => writeFileSync(join(desk.paths.work, 'go'), '');

/** Runs a step until its first output, then closes the runner under it and opens another one. */
async function abandoned(desk: Desk, step: string): Promise<{ next: Desk; run: string }> {
  const running = desk.run(step);
  const { run } = await desk.event('run.output');
  const next = await desk.reopen();
  assert.equal((await running).outcome, 'lost');
  return { next, run };
}

test('a step goes on when its runner ends; the next one streams from the last byte and records the end', async t => {
  const desk = await openDesk(t, { manifest: testBook({ a: { 'step:long': LONG } }) });
  const { next, run } = await abandoned(desk, 'long');
  assert.equal(next.status('long'), 'running');
  await next.runner.resume();
  go(next);
  const finished = await next.event('run.finished');
  assert.deepEqual([finished.run, finished.outcome], [run, 'done']);
  assert.equal(outputOf(next, run), 'begun\r\nended\r\n');
  const offsets = next.events.flatMap(event => (event.type === 'run.output' ? [event.offset] : []));
  assert.equal(offsets[0], 'begun\r\n'.length);
});

test('it has ended meanwhile, and failed: that is what is recorded', async t => {
  const text = 'echo begun\nuntil test -e go; do sleep 0.05; done\nexit 4\n';
  const desk = await openDesk(t, { manifest: testBook({ a: { 'step:long': { ...LONG, text } } }) });
  const { next, run } = await abandoned(desk, 'long');
  go(next);
  const result = await next.run('long');
  assert.deepEqual(
    [result.run, result.outcome],
    [run, 'failed'],
    'asked again, it is joined and not started anew',
  );
});

test('the check of the text that was started decides, whatever the book says by then', async t => {
  const desk = await openDesk(t, { manifest: testBook({ a: { 'step:long': LONG } }) });
  const running = desk.run('long');
  await desk.event('run.output');
  const manifest = testBook({ a: { 'step:long': { text: 'other\n', check: 'false\n' } } });
  const next = await desk.reopen({ manifest });
  await running;
  await next.runner.resume();
  go(next);
  assert.equal((await next.event('run.finished')).outcome, 'done');
  assert.equal(next.status('long'), 'stale');
});

test('while an earlier step still runs there, another one is refused', async t => {
  const manifest = testBook({ a: { 'step:long': LONG }, b: { 'show:other': {} } });
  const { next } = await abandoned(await openDesk(t, { manifest }), 'long');
  const refused = await next.run('other');
  assert.deepEqual([refused.outcome, refused.code], ['refused', 'machine-locked']);
  go(next);
  await next.event('run.finished', ({ outcome }) => outcome === 'done');
  assert.equal((await next.run('other')).outcome, 'done');
});

test('a series that meets a step of an earlier runner waits for its end', async t => {
  const manifest = testBook({ a: { 'step:long': LONG, 'show:after': {} } });
  const { next } = await abandoned(await openDesk(t, { manifest }), 'long');
  setTimeout(() => go(next), 300);
  const results = await next.runner.series({ what: [] }, { by: 'test', mode: 'run' });
  assert.deepEqual(
    results.map(({ outcome }) => outcome),
    ['done', 'done'],
  );
});

test('a series waits for a step of an earlier runner although it begins with another one', async t => {
  const manifest = testBook({ a: { 'show:before': {}, 'step:long': LONG } });
  const { next } = await abandoned(await openDesk(t, { manifest }), 'long');
  setTimeout(() => go(next), 300);
  const results = await next.runner.series({ what: [] }, { by: 'test', mode: 'run' });
  assert.deepEqual(
    results.map(({ step, outcome }) => [step, outcome]),
    [
      ['before', 'done'],
      ['long', 'proven'],
    ],
  );
});

test('a person is still waited for after a restart', async t => {
  const manifest = testBook({ a: { 'step:plug': { handsMs: 60_000, check: 'test -e go\n' } } });
  const desk = await openDesk(t, { manifest });
  const running = desk.run('plug');
  const { run } = await desk.event('run.hands');
  const next = await desk.reopen();
  await running;
  await next.runner.resume();
  assert.equal(next.status('plug'), 'hands');
  go(next);
  next.runner.handsDone(run);
  assert.equal((await next.event('run.finished')).outcome, 'done');
});

test('a run that is not followed any more cannot be typed at', async t => {
  const { next, run } = await abandoned(
    await openDesk(t, { manifest: testBook({ a: { 'step:long': LONG } }) }),
    'long',
  );
  await assert.rejects(next.runner.input(run, Buffer.from('x')), { code: 'refused' });
  go(next);
  await next.run('long');
});

const skip = cannotRunSshd();

async function overSsh(t: Parameters<typeof openDesk>[0], patienceMs: number, text: string, check: string) {
  const sshd = await TestSshd.start();
  t.after(() => sshd.stop());
  const machines = (name: string) => (name === 'workstation' ? null : sshMachine(sshd));
  const manifest = testBook({ a: { 'step:far': { on: 'first', text, check } } });
  const plan = testPlan(['etcd']);
  plan.machines[0]!.name = sshd.name;
  const desk = await openDesk(t, { manifest, plan, machines, patienceMs });
  return { sshd, desk, file: join(desk.paths.root, 'far') };
}

test('a link that is cut in the middle of a step is joined again, and not a byte is lost', {
  skip,
}, async t => {
  const text = 'for i in $(seq 400); do echo "line $i"; sleep 0.005; done\n';
  const { sshd, desk } = await overSsh(t, 60_000, text, 'true\n');
  const running = desk.run('far', sshd.name, { mode: 'force' });
  const { run } = await desk.event('run.output');
  sshd.cutLinks();
  const result = await running;
  assert.equal(result.outcome, 'done', result.reason);
  const expected = Array.from({ length: 400 }, (_, index) => `line ${index + 1}\r\n`).join('');
  assert.equal(outputOf(desk, run), expected);
});

test('a machine that stays away makes the run lost; when it is back, the true end is recorded', {
  skip,
}, async t => {
  const { sshd, desk, file } = await overSsh(t, 300, '', 'true\n');
  const text = `echo begun\nuntil test -e ${file}; do sleep 0.05; done\necho ended\n`;
  desk.runner.setManifest(testBook({ a: { 'step:far': { on: 'first', text, check: `test -e ${file}\n` } } }));
  const running = desk.run('far', sshd.name);
  const { run } = await desk.event('run.output');
  await sshd.down();
  assert.equal((await running).outcome, 'lost');
  assert.equal(desk.status('far', sshd.name), 'lost');
  writeFileSync(file, '');
  await sshd.up();
  const result = await desk.run('far', sshd.name);
  assert.deepEqual([result.run, result.outcome], [run, 'done'], result.reason);
  assert.equal(outputOf(desk, run), 'begun\r\nended\r\n');
});

test('a machine that does not answer at all is refused in words', { skip }, async t => {
  const { sshd, desk } = await overSsh(t, 300, 'true\n', 'true\n');
  await sshd.down();
  const refused = await desk.run('far', sshd.name);
  assert.deepEqual([refused.outcome, refused.code], ['refused', 'machine-unreachable']);
  assert.equal(desk.status('far', sshd.name), 'todo');
});

test('a person is asked to switch on a machine that does not answer, and the check finds it then', {
  skip,
}, async t => {
  const { sshd, desk } = await overSsh(t, 300, 'true\n', 'true\n');
  const power = { on: 'first', handsMs: 60_000, settleMs: 30_000, check: 'true\n' };
  desk.runner.setManifest(testBook({ a: { 'step:power': power } }));
  await sshd.down();
  const running = desk.run('power', sshd.name);
  const { run } = await desk.event('run.hands');
  await sshd.up();
  desk.runner.handsDone(run);
  const result = await running;
  assert.equal(result.outcome, 'done', result.reason);
  assert.ok(
    desk.events.some(event => event.type === 'machine.seen'),
    'and who it is',
  );
});

test('a gigabyte neither stops nor bloats the runner, and its transcript is whole', {
  timeout: 300_000,
}, async t => {
  const megabytes = Number(process.env.KFS_FLOOD_MB ?? 200);
  const victim = spawn(
    process.execPath,
    [join(import.meta.dirname, 'testing', 'flood.ts'), String(megabytes)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let said = '';
  victim.stdout.on('data', bytes => {
    said += bytes;
  });
  await once(victim, 'exit');
  const { outcome, bytes, peak } = JSON.parse(said);
  assert.deepEqual([outcome, bytes], ['done', megabytes * 1024 * 1024]);
  t.diagnostic(`peak ${peak} MiB resident`);
  assert.ok(peak < 200, `${peak} MiB resident`);
});
