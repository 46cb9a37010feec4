/**
 * The job itself: shipped and started under the supervisor of its host, followed to its end however often the
 * link goes, recorded byte by byte. What is recorded comes first, who watches second.
 */
import { duration } from '../duration.ts';
import { KfsError } from '../errors.ts';
import { TranscriptWriter } from '../journal/transcript.ts';
import type { Chunk, Ending } from '../machine/machine.ts';
import { type ActiveRun, Detached, LinkLost, type Verdict } from './active-run.ts';
import { Backoff } from './backoff.ts';
import type { Core } from './core.ts';
import { isSilence } from './look.ts';
import { lastLine } from './words.ts';

/** Ships the script and starts it. The journal knows of the run already; starting again is the same job. */
export async function start(core: Core, active: ActiveRun): Promise<Verdict | undefined> {
  const { fields, run, step } = active;
  const stopped = active.heed();
  if (stopped) return stopped;
  const job = { id: run, script: step.text, env: fields.env, timeoutMs: step.timeoutMs, size: fields.size };
  // Without a signal: a start that was begun is seen to its end, else nobody would know.
  const { bootId } = await withPatience(core, active, () => active.machine.start(job));
  active.onHost = true;
  await core.emit({ type: 'run.shipped', at: Date.now(), run, bootId });
  if (active.stopped) await active.machine.stop(run, false);
  return undefined;
}

/** Follows a job that is on its host to its end, and records how it exited. */
export async function follow(core: Core, active: ActiveRun): Promise<Ending> {
  active.onHost = true;
  const header = { startedAt: active.fields.startedAt, ...active.fields.size };
  const transcript = new TranscriptWriter(core.paths, active.run, header);
  active.resized = size => transcript.resized(size.columns, size.rows);
  try {
    const ending = await followToEnd(core, active, transcript);
    active.leaveHost();
    if (ending.how !== 'interrupted') await recordExit(core, active, transcript, ending);
    return ending;
  } finally {
    active.resized = undefined;
    transcript.close();
    active.onHost = false;
  }
}

async function followToEnd(core: Core, active: ActiveRun, transcript: TranscriptWriter): Promise<Ending> {
  const ending = await followFrom(core, active, transcript).catch(error => {
    if (error instanceof Differs) return undefined;
    throw error;
  });
  if (ending && (ending.how === 'interrupted' || matches(transcript, ending))) return ending;
  // What an earlier runner recorded is not what the host has (after a power cut here, say): take it anew.
  transcript.restart();
  return followFrom(core, active, transcript);
}

/** The host says that the output is not what it recorded. */
class Differs extends Error {}

const matches = (transcript: TranscriptWriter, ending: Exclude<Ending, { how: 'interrupted' }>): boolean =>
  transcript.length === ending.bytes && transcript.sha256() === ending.sha256;

async function followFrom(core: Core, active: ActiveRun, transcript: TranscriptWriter): Promise<Ending> {
  let broken: unknown;
  const sink = async (chunk: Chunk) => {
    try {
      await record(core, active, transcript, chunk);
    } catch (error) {
      broken = error;
      throw error;
    }
  };
  return withPatience(
    core,
    active,
    async () => {
      try {
        return await active.machine.follow(active.run, transcript.length, sink, core.detached);
      } catch (error) {
        if (broken) throw broken;
        throw isStorageError(error) ? new Differs('', { cause: error }) : error;
      }
    },
    () => transcript.length,
  );
}

async function record(
  core: Core,
  active: ActiveRun,
  transcript: TranscriptWriter,
  chunk: Chunk,
): Promise<void> {
  const known = transcript.length - chunk.offset;
  if (known < 0) throw new Error(`output of ${active.run} has a gap at ${transcript.length}`);
  const bytes = chunk.bytes.subarray(known);
  if (bytes.length === 0) return;
  const offset = transcript.length;
  transcript.write(bytes);
  await core.emit({ type: 'run.output', at: Date.now(), run: active.run, offset, bytes });
}

async function recordExit(
  core: Core,
  active: ActiveRun,
  transcript: TranscriptWriter,
  ending: Exclude<Ending, { how: 'interrupted' }>,
): Promise<void> {
  if (core.history.run(active.run)?.exited) return;
  const { status, durationMs } = ending;
  const length = { bytes: transcript.length, sha256: transcript.sha256() };
  await core.emit({ type: 'run.exited', at: Date.now(), run: active.run, status, ...length, durationMs });
}

/** Tries anew while the link is gone; what makes progress has its patience back. Throws `LinkLost` in the end. */
export async function withPatience<T>(
  core: Core,
  active: ActiveRun,
  work: () => Promise<T>,
  progress: () => number = () => 0,
): Promise<T> {
  const backoff = new Backoff(200, 15_000);
  let since: number | undefined;
  for (let seen = progress(); ; ) {
    try {
      return await work();
    } catch (error) {
      if (core.detached.aborted) throw new Detached();
      if (!isSilence(error)) throw error;
      if (progress() > seen) {
        since = undefined;
        backoff.reset();
      }
      seen = progress();
      since ??= Date.now();
      if (Date.now() - since > core.patienceMs) throw new LinkLost(error.message, { cause: error });
      await backoff.wait(core.detached);
      if (core.detached.aborted) throw new Detached();
      await active.fields.stay.lock().catch(() => {});
    }
  }
}

/** undefined for a job that exited with 0. */
export function verdictOf(active: ActiveRun, ending: Ending, output: string): Verdict | undefined {
  switch (ending.how) {
    case 'interrupted':
      return { outcome: 'interrupted', reason: `${active.host} restarted while it ran` };
    case 'timeout':
      return { outcome: 'timeout', reason: `did not end within ${duration(active.step.timeoutMs)}` };
    case 'stopped':
      return { outcome: 'stopped', reason: 'stopped by the reader' };
    case 'exited':
      if (ending.status === 0) return undefined;
      return {
        outcome: 'failed',
        reason: [`exit status ${ending.status}`, lastLine(output)].filter(Boolean).join(': '),
      };
  }
}

/** Whether an error says that this host's disk or state is at fault, not the run. */
export const isStorageError = (error: unknown): boolean =>
  error instanceof KfsError && (error.code === 'disk-full' || error.code === 'state-broken');
