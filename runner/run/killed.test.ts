import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { readJournal } from '../journal/read-journal.ts';
import { rawFile } from '../journal/transcript.ts';
import type { StatePaths } from '../state.ts';
import { History, isOpen, type RunRecord } from './history.ts';
import { openDesk, stateDir } from './testing/desk.ts';
import { VICTIM_BOOK } from './testing/victim.ts';

const KILLS = Number(process.env.KFS_KILLS ?? 200);
const VICTIM = join(import.meta.dirname, 'testing', 'victim.ts');

test(`${KILLS} kills at random moments leave no lost and no false record`, {
  timeout: KILLS * 3000,
}, async t => {
  const dirs = [stateDir(t), stateDir(t)];
  await Promise.all(dirs.map((paths, index) => killOften(paths, Math.floor((KILLS + index) / 2))));
  for (const paths of dirs) {
    await settleAll(await openDesk(t, { manifest: VICTIM_BOOK, paths }));
    t.diagnostic(verify(paths));
  }
});

/** Starts a runner and kills it a random moment after a random one of its events, or before any. */
async function killOften(paths: StatePaths, times: number): Promise<void> {
  for (let time = 0; time < times; time++) {
    const env = { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'kfs-compile-cache') };
    const victim = spawn(process.execPath, [VICTIM, paths.root], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let complaint = '';
    victim.stderr.on('data', bytes => {
      complaint += bytes;
    });
    const ended = once(victim, 'exit');
    await Promise.race([characters(victim.stdout, Math.floor(Math.random() * 16)), ended]);
    await sleep(Math.random() * 15);
    victim.kill('SIGKILL');
    const [status, signal] = await ended;
    assert.equal(signal, 'SIGKILL', `the runner ended by itself with ${status}: ${complaint}`);
  }
}

/** Resolves once so many have been read and one more. */
async function characters(stream: Readable, count: number): Promise<void> {
  let left = count;
  for await (const bytes of stream) {
    left -= (bytes as Buffer).length;
    if (left < 0) return;
  }
}

async function settleAll({ runner, paths }: Awaited<ReturnType<typeof openDesk>>): Promise<void> {
  await runner.resume();
  while (historyOf(paths).open().length > 0) await sleep(50);
  await runner.close();
}

function historyOf(paths: StatePaths): History {
  const journal = readJournal(paths);
  try {
    return new History(journal.events());
  } finally {
    journal.close();
  }
}

/** Returns what was seen, in words. */
function verify(paths: StatePaths): string {
  const ran = countLines(readFileSync(join(paths.work, 'ran'), 'utf8'));
  const runs = runsOf(paths);
  for (const [run, times] of ran) {
    assert.equal(times, 1, `run ${run} was executed ${times} times`);
    const record = runs.get(run);
    assert.ok(record?.finished, `run ${run} was executed and the journal does not know how it ended`);
    const expected = record.started.kind === 'event' ? 'failed' : 'done';
    assert.equal(record.finished.outcome, expected, `run ${run}: ${record.finished.reason}`);
  }
  for (const [run, record] of runs) {
    assert.ok(!isOpen(record), `run ${run} has no end`);
    if (!ran.has(run))
      assert.ok(saysNothingRan(record), `run ${run} says ${record.finished?.outcome}, but never ran`);
    if (record.exited) verifyTranscript(paths, record);
  }
  assert.ok(ran.size > 0);
  const never = [...runs.values()].filter(saysNothingRan).length;
  return `${runs.size} runs recorded, ${ran.size} executed, ${never} never started`;
}

const saysNothingRan = ({ finished }: RunRecord): boolean =>
  finished?.outcome === 'refused' ||
  (finished?.outcome === 'interrupted' && finished.reason.endsWith('nothing has run'));

function verifyTranscript(paths: StatePaths, { started, exited }: RunRecord): void {
  const raw = readFileSync(rawFile(paths, started.run));
  assert.equal(raw.length, exited?.bytes, `transcript of ${started.run}`);
  assert.equal(
    createHash('sha256').update(raw).digest('hex'),
    exited?.sha256,
    `transcript of ${started.run}`,
  );
}

function runsOf(paths: StatePaths): Map<string, RunRecord> {
  const journal = readJournal(paths);
  const history = new History();
  const ids: string[] = [];
  for (const { seq, event } of journal.events()) {
    history.add(seq, event);
    if (event.type === 'run.started') ids.push(event.run);
  }
  journal.close();
  return new Map(ids.map(run => [run, history.run(run)!]));
}

function countLines(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of text.split('\n').filter(Boolean)) counts.set(line, (counts.get(line) ?? 0) + 1);
  return counts;
}
