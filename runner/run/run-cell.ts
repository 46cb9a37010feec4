/** One run from the request to its last event: admitted, recorded as started, worked, recorded as finished. */
import { randomBytes } from 'node:crypto';
import type { Step } from '../book/manifest.ts';
import { KfsError } from '../errors.ts';
import { ActiveRun } from './active-run.ts';
import { Backoff } from './backoff.ts';
import { conclude, refusal } from './conclude.ts';
import type { Core } from './core.ts';
import { usedBy } from './environment.ts';
import { see } from './machine-seen.ts';
import { type Asked, work } from './order.ts';
import { leftOn, rejoin, resume } from './resume.ts';
import type { RunRequest, RunResult } from './runner.ts';
import { hostOf } from './subjects.ts';

/** What a job sees when nobody looks, or before a page has said its size. */
const DEFAULT_SIZE = { columns: 120, rows: 32 };
/** How long a held lock is asked for again, milliseconds. */
const LOCK_PATIENCE = 1500;

/** Never rejects for what can go wrong with a run: the outcome says it. */
export async function runCell(core: Core, request: RunRequest & Asked): Promise<RunResult> {
  const run = newRunId();
  const result = { run, step: request.step, subject: request.subject, durationMs: 0 };
  try {
    const step = admit(core, request);
    const left = unfinished(core, request);
    if (left !== undefined) return await rejoin(core, left);
    if (leftOn(core, hostOf(step, request.subject))) await resume(core);
    return await occupy(core, request, step, run);
  } catch (error) {
    if (!(error instanceof KfsError)) throw error;
    return { ...result, ...refusal(error) };
  }
}

/** Sortable by time, file-name safe, short enough for a unit's name. */
export function newRunId(now = new Date()): string {
  const stamp = now.toISOString().replace(/[-:T]/g, '').replace('Z', '').replace('.', '-');
  return `${stamp}-${randomBytes(3).toString('hex')}`;
}

/** Throws step-unknown, step-changed or refused; whoever asks sees an older book. */
function admit(core: Core, request: RunRequest): Step {
  const step = core.step(request.step);
  if (step.digest !== request.digest) {
    throw new KfsError('step-changed', `step \`${step.id}\` is not what you saw: the book has changed`, {
      next: 'reload the page and read it again',
    });
  }
  if (!core.book.subjects(step.id).includes(request.subject)) {
    const next = core.book.plan
      ? 'see the machines and roles of the plan'
      : 'make a plan first: `kfs plan init`';
    throw new KfsError('refused', `step \`${step.id}\` is not for ${request.subject}`, { next });
  }
  return step;
}

/** A run of the same cell that is not over: it is joined, never started a second time. */
function unfinished(core: Core, request: RunRequest): string | undefined {
  const { step, subject } = request;
  const open = core.history
    .open()
    .find(({ started }) => started.step === step && started.subject === subject);
  if (!open) return undefined;
  const { run } = open.started;
  if (!core.active.has(run) || core.results.has(run)) return run;
  throw new KfsError('refused', `step \`${step}\` is running on ${subject} already`, {
    next: 'wait, or stop it',
  });
}

async function occupy(core: Core, request: RunRequest & Asked, step: Step, run: string): Promise<RunResult> {
  const { subject, mode, size } = request;
  const env = core.environment(step, subject);
  const stay = core.hosts.enter(hostOf(step, subject), step.id);
  const fields = { run, step, subject, mode, stay, env, size: size ?? DEFAULT_SIZE, startedAt: Date.now() };
  const active = new ActiveRun({ ...fields, detached: core.detached });
  core.active.set(run, active);
  try {
    const obstacle = await approach(core, active).catch(asObstacle);
    recordStart(core, active, request.by);
    return await conclude(core, active, async () =>
      obstacle ? refusal(obstacle) : work(core, active, request),
    );
  } finally {
    core.active.delete(run);
    stay.leave();
  }
}

/** Who the machine is now, its lock, and what must be proven first. */
async function approach(core: Core, active: ActiveRun): Promise<KfsError | undefined> {
  const { step, subject, machine, signal } = active;
  const seen = machine.name === 'workstation' ? undefined : see(core, machine, signal);
  const results = await Promise.allSettled([seen, lock(active)]);
  const failed = results.find(result => result.status === 'rejected');
  if (failed && !mayBeAway(step, failed.reason)) throw failed.reason;
  active.away = failed !== undefined;
  if (step.reboots && machine.name === 'workstation' && subject !== 'workstation')
    await see(core, core.hosts.machine(subject), signal).catch(() => {});
  return active.fields.mode === 'check' ? undefined : unprovenNeed(core, step, subject);
}

/** A runner that was killed this moment holds its lock a little longer. */
async function lock(active: ActiveRun): Promise<void> {
  const backoff = new Backoff(100, 400);
  for (const deadline = Date.now() + LOCK_PATIENCE; ; ) {
    try {
      return await active.fields.stay.lock(active.signal);
    } catch (error) {
      const held = error instanceof KfsError && error.code === 'machine-locked';
      if (!held || Date.now() > deadline || active.signal.aborted) throw error;
      await backoff.wait(active.signal);
    }
  }
}

/** The machine of a `hands` step may not be there yet; only another runner's lock keeps us out. */
const mayBeAway = (step: Step, error: unknown): boolean =>
  step.handsMs !== undefined && error instanceof KfsError && error.code !== 'machine-locked';

function unprovenNeed(core: Core, step: Step, subject: string): KfsError | undefined {
  const [first, ...rest] = core.cells().unproven(step, subject);
  if (!first) return undefined;
  const status = core.cells().cell(first)?.status ?? 'todo';
  const more = rest.length > 0 ? ` (and ${rest.length} more)` : '';
  const where = first.subject === subject ? '' : ` on ${first.subject}`;
  return new KfsError('needs-unproven', `needs \`${first.step}\`${where}, which is ${status}${more}`, {
    next: `run \`${first.step}\` first, or everything up to here`,
  });
}

function asObstacle(error: unknown): KfsError {
  if (error instanceof KfsError) return error;
  throw error;
}

function recordStart(core: Core, active: ActiveRun, by: string): void {
  const { run, step, subject, fields } = active;
  core.keepText(step);
  void core.emit({
    type: 'run.started',
    at: fields.startedAt,
    run,
    step: step.id,
    kind: step.kind,
    subject,
    identity: core.history.identity(subject),
    digest: step.digest,
    inputs: usedBy(step, fields.env),
    mode: fields.mode,
    by,
  });
}
