/**
 * The order of work of one run, from the check before to the check after. Each phase gives a verdict, or
 * undefined to go on. A run that an earlier runner left behind enters where the journal says it was.
 */
import { readTranscript, TranscriptWriter } from '../journal/transcript.ts';
import type { ActiveRun, Verdict } from './active-run.ts';
import type { Core } from './core.ts';
import { follow, start, verdictOf } from './execute.ts';
import { flushSubject } from './flush.ts';
import { waitForHands } from './hands.ts';
import type { RunRecord } from './history.ts';
import { checkFailed, type Looked, look, recordLook, settle } from './look.ts';
import { see, waitForBoot } from './machine-seen.ts';
import { NEVER_STARTED, saysNeverStarted } from './never-started.ts';
import { pastTheStick } from './past-the-stick.ts';

export interface Asked {
  /** The machine's name as typed, for a step that destroys. */
  confirm?: string;
  /** The check must fail before the step. */
  prove?: boolean;
}

const STOPPED: Verdict = { outcome: 'stopped', reason: 'stopped by the reader' };

/** A new run, from its beginning. */
export async function work(core: Core, active: ActiveRun, asked: Asked): Promise<Verdict> {
  const { step, fields } = active;
  if (step.kind === 'gate') return gate(core, active);
  if (fields.mode === 'check') return recheck(core, active);
  const before = step.kind === 'step' ? await checkBefore(core, active, asked) : undefined;
  if (before) return before;
  const unconfirmed = confirmation(core, active, asked);
  if (unconfirmed) return unconfirmed;
  if (step.handsMs !== undefined) return (await waitForHands(core, active)) ?? after(core, active);
  await fields.stay.lock(active.signal);
  return (await start(core, active)) ?? (await onHost(core, active));
}

/** A run that was shipped: to its end, through the restart if it makes one, to the check after. */
export async function onHost(core: Core, active: ActiveRun): Promise<Verdict> {
  const ending = await follow(core, active);
  const output = endOfOutput(core, active.run);
  if (saysNeverStarted(active.run, output)) return NEVER_STARTED;
  const verdict = verdictOf(active, ending, output);
  if (verdict && !restartExplains(active, ending)) return verdict;
  return afterJob(core, active);
}

/** Goes on after the job of a run has ended well. */
export async function afterJob(core: Core, active: ActiveRun): Promise<Verdict> {
  const record = core.history.run(active.run);
  if (active.step.reboots && !record?.rebooting?.to) {
    const verdict = await waitForBoot(core, active, bootBefore(core, active, record));
    if (verdict) return verdict;
  }
  return after(core, active);
}

/** The check after: decides whether what ran has done what it is for. */
export async function after(core: Core, active: ActiveRun): Promise<Verdict> {
  const { step, subject, machine } = active;
  const away = step.handsMs !== undefined || step.reboots;
  if (!step.check) return { outcome: 'done', reason: 'exit status 0' };
  if (!away) await flushSubject(core, active);
  const seen = away && subject !== 'workstation' ? () => seeSubject(core, active) : undefined;
  const options = { patient: !away, ...(seen && { before: seen }) };
  const looked = await settle(core, active, step.check.text, options);
  if (!looked) return STOPPED;
  await recordLook(core, active, 'after', looked);
  if (!looked.holds) return checkFailed(looked);
  const done: Verdict = { outcome: 'done', reason: `ran, and its check holds on ${machine.name}` };
  return (await pastTheStick(core, active)) ?? done;
}

/** The shortcut: what holds already is proven, not run. Never for what is stale. */
async function checkBefore(core: Core, active: ActiveRun, asked: Asked): Promise<Verdict | undefined> {
  const { step, subject, fields } = active;
  const stale = core.cells().stale({ step: step.id, subject });
  if (!step.check || (!asked.prove && (fields.mode === 'force' || stale !== undefined))) return undefined;
  const looked = await lookOrSilence(active, step.check.text);
  if (!looked) return STOPPED;
  await recordLook(core, active, 'before', looked);
  if (!looked.holds) return undefined;
  if (!asked.prove) return { outcome: 'proven', reason: 'its check holds already' };
  return { outcome: 'check-failed', reason: 'its check holds before the step has run, so it proves nothing' };
}

/** A machine that a person is to switch on does not answer: its check does not hold, and that is all. */
async function lookOrSilence(active: ActiveRun, script: string): Promise<Looked | undefined> {
  if (active.away) return { holds: false, status: -1, output: '', reason: `${active.host} does not answer` };
  try {
    return await look(active, script);
  } catch (error) {
    if (active.step.handsMs === undefined || !(error instanceof Error)) throw error;
    return { holds: false, status: -1, output: '', reason: error.message };
  }
}

async function recheck(core: Core, active: ActiveRun): Promise<Verdict> {
  if (!active.step.check)
    return { outcome: 'refused', reason: `a ${active.step.kind} has no check to look at` };
  const looked = await look(active, active.step.check.text);
  if (!looked) return STOPPED;
  await recordLook(core, active, 'recheck', looked);
  return looked.holds ? { outcome: 'proven', reason: 'its check holds' } : checkFailed(looked);
}

/** A gate's text is its check; what it prints is recorded like the output of a step. */
async function gate(core: Core, active: ActiveRun): Promise<Verdict> {
  const startedAt = Date.now();
  const looked = await settle(core, active, active.step.text, { patient: false });
  if (!looked) return STOPPED;
  await recordGate(core, active, looked, Date.now() - startedAt);
  const checking = active.fields.mode === 'check';
  await recordLook(core, active, checking ? 'recheck' : 'before', looked);
  if (looked.holds) return { outcome: checking ? 'proven' : 'done', reason: 'the requirement is met' };
  return {
    outcome: checking ? 'check-failed' : 'failed',
    reason: `the requirement is not met (${looked.reason})`,
  };
}

async function recordGate(core: Core, active: ActiveRun, looked: Looked, durationMs: number): Promise<void> {
  const { run, fields } = active;
  const transcript = new TranscriptWriter(core.paths, run, { startedAt: fields.startedAt, ...fields.size });
  try {
    // It ran without a terminal; a terminal will show it.
    const bytes = Buffer.from(looked.output.replace(/\r?\n/g, '\r\n'));
    transcript.write(bytes);
    if (bytes.length > 0) await core.emit({ type: 'run.output', at: Date.now(), run, offset: 0, bytes });
    const length = { bytes: transcript.length, sha256: transcript.sha256() };
    await core.emit({
      type: 'run.exited',
      at: Date.now(),
      run,
      status: looked.status,
      ...length,
      durationMs,
    });
  } finally {
    transcript.close();
  }
}

function confirmation(core: Core, active: ActiveRun, asked: Asked): Verdict | undefined {
  const { step, subject } = active;
  if (step.destroys === undefined || asked.confirm === subject) return undefined;
  const stale = core.cells().stale({ step: step.id, subject });
  const destroys = `it destroys ${step.destroys}: type ${subject} to confirm`;
  const reason = stale === undefined ? destroys : `${destroys}, ${orKeep(step.id, stale)}`;
  return { outcome: 'refused', reason, code: 'confirmation-missing' };
}

/** Who has a newer edition of the book wants his disks as they are. */
const orKeep = (step: string, stale: string) =>
  `or keep what is there and accept the step as it is (\`kfs accept ${step}\`): it was done, and is stale (${stale})`;

/** A restart ends the shell that asked for it, by a signal or without a word. */
function restartExplains(active: ActiveRun, ending: Awaited<ReturnType<typeof follow>>): boolean {
  if (!active.step.reboots) return false;
  return (
    ending.how === 'interrupted' || (ending.how === 'exited' && (ending.status > 128 || ending.status === 0))
  );
}

function bootBefore(core: Core, active: ActiveRun, record: RunRecord | undefined): string {
  const own = active.host === active.subject ? record?.bootId : undefined;
  return record?.rebooting?.from ?? own ?? core.history.machine(active.subject)?.bootId ?? '';
}

async function seeSubject(core: Core, active: ActiveRun): Promise<void> {
  const seen = see(core, core.hosts.machine(active.subject), active.signal);
  // The check of a step `on="workstation"` runs there, whether or not the machine answers already.
  await (active.host === 'workstation' ? seen.catch(() => {}) : seen);
}

const endOfOutput = (core: Core, run: string): string => {
  const { total } = readTranscript(core.paths, run, 0, 0);
  const { bytes } = readTranscript(core.paths, run, Math.max(0, total - 2048), 2048);
  return Buffer.from(bytes).toString();
};
