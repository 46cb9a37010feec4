/**
 * Runs whose end the journal does not know: a runner was killed, or a link was lost. Each is looked for on its
 * host, followed to its end and recorded as it really ended; what was never started is recorded as that.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Step } from '../book/manifest.ts';
import { KfsError } from '../errors.ts';
import { readTranscript, TranscriptWriter } from '../journal/transcript.ts';
import type { JobStatus } from '../machine/machine.ts';
import { ActiveRun, type Verdict } from './active-run.ts';
import { conclude } from './conclude.ts';
import type { Core } from './core.ts';
import { withPatience } from './execute.ts';
import { waitForHands } from './hands.ts';
import { isOpen, type RunRecord } from './history.ts';
import { claimUnstarted, NEVER_STARTED } from './never-started.ts';
import { after, onHost } from './order.ts';
import type { RunResult } from './runner.ts';
import { hostOf } from './subjects.ts';

/** How long `resume` waits for hosts to answer before it goes on in the background, milliseconds. */
const FIRST_LOOK = 5000;
/** When a run that stayed lost is looked for again, milliseconds. */
const LOOK_AGAIN = 15_000;

/** Resolves when each has been looked for, or its host does not answer at once; following goes on behind. */
export async function resume(core: Core): Promise<void> {
  const left = core.history
    .open()
    .filter(record => !core.active.has(record.started.run) && known(core, record));
  const looks = left.map(record => {
    const looked = Promise.withResolvers<void>();
    const result = rejoin(core, record.started.run, looked.resolve);
    // A host that refuses leaves the run as it is; it is looked for again when somebody asks.
    return Promise.race([
      looked.promise,
      result.then(
        () => {},
        () => {},
      ),
    ]);
  });
  await Promise.race([Promise.all(looks), sleep(FIRST_LOOK, undefined, { ref: false })]);
}

/** Whether an earlier runner left something on a host that nobody follows. */
export const leftOn = (core: Core, host: string): boolean =>
  core.history.open().some(record => {
    const step = core.book.step(record.started.step);
    return step && hostOf(step, record.started.subject) === host && !core.active.has(record.started.run);
  });

/**
 * Resolves when no other step of an earlier runner is at work on the host any more. What waits for a person is not
 * waited for: the person would not know.
 */
export async function endOfOthersLeft(core: Core, mine: Step, host: string): Promise<void> {
  if (leftOn(core, host)) await resume(core);
  const left = [...core.active.values()].filter(
    ({ run, host: place, step }) =>
      place === host && step.id !== mine.id && step.handsMs === undefined && core.results.has(run),
  );
  await Promise.allSettled(left.map(({ run }) => core.results.get(run)));
}

/** Follows an earlier runner's run to its end. `looked` is called when the host has answered. */
export function rejoin(core: Core, run: string, looked: () => void = () => {}): Promise<RunResult> {
  const already = core.results.get(run);
  if (already) return already;
  const result = join(core, run, looked).finally(() => core.results.delete(run));
  core.results.set(run, result);
  return result;
}

async function join(core: Core, run: string, looked: () => void): Promise<RunResult> {
  const record = core.history.run(run)!;
  const { subject, mode, at, inputs } = record.started;
  const step = stepAsRun(core, record);
  const env = { ...core.environment(step, subject), ...inputs };
  const stay = core.hosts.enter(hostOf(step, subject), step.id, true);
  const size = { columns: 120, rows: 32 };
  const fields = { run, step, subject, mode, stay, env, size, startedAt: at, detached: core.detached };
  const active = new ActiveRun(fields);
  core.active.set(run, active);
  try {
    return await conclude(core, active, () => goOn(core, active, record, looked));
  } finally {
    core.active.delete(run);
    stay.leave();
  }
}

/** The step as it was when it was started: its check decides, whatever the book says now. */
function stepAsRun(core: Core, { started }: RunRecord): Step {
  const now = core.book.step(started.step);
  if (now?.digest === started.digest) return now;
  const then = core.journal.text(started.digest) as Step | undefined;
  if (then) return then;
  throw new KfsError(
    'state-broken',
    `the journal does not have the text of \`${started.step}\` as it was run`,
  );
}

async function goOn(core: Core, active: ActiveRun, record: RunRecord, looked: () => void): Promise<Verdict> {
  const { step, machine, fields } = active;
  if (step.kind === 'gate' || fields.mode === 'check') return neverLooked;
  if (step.handsMs !== undefined) {
    looked();
    return goOnWithHands(core, active, record);
  }
  const jobs = await withPatience(core, active, () => machine.jobs(core.detached));
  looked();
  // Nobody else starts anything there meanwhile; if it cannot be had, the run goes on all the same.
  await fields.stay.lock(core.detached).catch(() => {});
  void sweep(core, active, jobs);
  if (record.bootId !== undefined) {
    const job = jobs.find(({ id }) => id === active.run);
    return job ? joinJob(core, active, record, job) : goneFromHost(core, active, record);
  }
  const started = await withPatience(core, active, () => claimUnstarted(machine, active.run, core.detached));
  return started ? joinJob(core, active, record, started) : NEVER_STARTED;
}

async function joinJob(core: Core, active: ActiveRun, record: RunRecord, job: JobStatus): Promise<Verdict> {
  if (record.bootId === undefined || record.finished) {
    await core.emit({ type: 'run.shipped', at: Date.now(), run: active.run, bootId: job.bootId });
  }
  return onHost(core, active);
}

/** Its spool is gone. What the journal has of its end still counts. */
async function goneFromHost(core: Core, active: ActiveRun, record: RunRecord): Promise<Verdict> {
  if (record.exited?.status === 0) return after(core, active);
  if (record.exited) return { outcome: 'failed', reason: `exit status ${record.exited.status}` };
  return {
    outcome: 'interrupted',
    reason: `${active.host} has no trace of it any more: how it ended is not known`,
  };
}

async function goOnWithHands(core: Core, active: ActiveRun, record: RunRecord): Promise<Verdict> {
  const state = record.hands.at(-1)?.state;
  if (state === 'done') return after(core, active);
  const driver = core.power(active.subject);
  if (state === undefined || driver) {
    const what = driver ? `${driver.name} was at work` : 'anyone was asked';
    return { outcome: 'interrupted', reason: `the runner ended ${driver ? 'while' : 'before'} ${what}` };
  }
  return (await waitForHands(core, active, true)) ?? after(core, active);
}

const neverLooked: Verdict = { outcome: 'interrupted', reason: 'the runner ended before it had looked' };

/** Removes what is recorded already from the host; a transcript that this disk lost is taken again first. */
async function sweep(core: Core, active: ActiveRun, jobs: JobStatus[]): Promise<void> {
  for (const { id, state } of jobs) {
    const record = core.history.run(id);
    if (!record || isOpen(record) || state !== 'ended' || core.active.has(id)) continue;
    try {
      await collectAgain(core, active, record);
      await active.machine.forget(id);
    } catch {
      return;
    }
  }
}

async function collectAgain(core: Core, active: ActiveRun, { started, exited }: RunRecord): Promise<void> {
  if (!exited || readTranscript(core.paths, started.run, 0, 0).total >= exited.bytes) return;
  const header = { startedAt: started.at, columns: 120, rows: 32 };
  const transcript = new TranscriptWriter(core.paths, started.run, header);
  try {
    transcript.restart();
    await active.machine.follow(started.run, 0, ({ bytes }) => transcript.write(bytes), core.detached);
  } finally {
    transcript.close();
  }
}

/** Looks again, after a while, for a run whose end is not known. */
export function rejoinLater(core: Core, run: string): void {
  const timer = setTimeout(() => {
    const record = core.history.run(run);
    if (core.detached.aborted || !record || !isOpen(record) || core.active.has(run)) return;
    rejoin(core, run).catch(() => rejoinLater(core, run));
  }, LOOK_AGAIN);
  timer.unref();
}

/** A machine that left the plan cannot be asked. */
const known = (core: Core, { started }: RunRecord): boolean =>
  started.subject === 'workstation' ||
  (core.book.plan?.machines.some(({ name }) => name === started.subject) ?? false);
