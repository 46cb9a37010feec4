import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { RunEvent } from '../events.ts';
import { rawFile } from '../journal/transcript.ts';
import { localMachine } from '../machine/local.ts';
import { testBook } from './testing/book.ts';
import { type Desk, linesOf, openDesk, outputOf } from './testing/desk.ts';

const MAKE = { text: 'echo made >>made\n', check: 'test -e made\n' };

test('a step that takes too long is ended by its host and said to have timed out', async t => {
  const desk = await openDesk(t, {
    manifest: testBook({
      a: { 'step:slow': { text: 'echo begun\nsleep 60\n', check: 'false\n', timeoutMs: 700 } },
    }),
  });
  const result = await desk.run('slow');
  assert.equal(result.outcome, 'timeout');
  assert.match(outputOf(desk, result.run), /^begun\r\n/);
});

test('Stop ends a running step, also one that has left its session, and is recorded', async t => {
  const text = 'setsid sleep 300 &\necho $! >child\necho begun\nsleep 300\n';
  const desk = await openDesk(t, { manifest: testBook({ a: { 'step:slow': { text, check: 'false\n' } } }) });
  const running = desk.run('slow');
  const { run } = await desk.event('run.output');
  await desk.runner.stop(run, false);
  assert.equal((await running).outcome, 'stopped');
  const child = Number(linesOf(desk, 'child')[0]);
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
  assert.match(outputOf(desk, run), /^23 91\r\n(hello\r\n)?[\s\S]*11 77\r\ngot hello\r\n$/);
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

test('a subscriber that never answers holds up neither the recording nor the run', async t => {
  const desk = await openDesk(t, { manifest: testBook({ a: { 'show:loud': { text: 'seq 200000\n' } } }) });
  const seen: RunEvent[] = [];
  desk.runner.subscribe(event => {
    seen.push(event);
    return new Promise(() => {});
  });
  const { run, outcome } = await desk.run('loud');
  assert.equal(outcome, 'done');
  assert.match(outputOf(desk, run), /\r\n200000\r\n$/);
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
  assert.match(outputOf(desk, run), /^begun\r\n1\r\n[\s\S]*\r\n100000\r\n$/);
});
