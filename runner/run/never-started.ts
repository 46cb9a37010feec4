/**
 * Whether a run that was recorded, but not as shipped, was ever started. Its start may still be on the way when
 * the next runner looks. So that runner starts a job under the same id, which fails and says a word that no
 * step says: of two starts with one id exactly one counts, and from then on the other can do nothing. A runner
 * that is killed in the middle of this leaves the word there for the next one.
 */
import { createHash } from 'node:crypto';
import type { JobStatus, Machine } from '../machine/machine.ts';
import type { Verdict } from './active-run.ts';

/** How long our own job may take to say its word, on a busy host; milliseconds. */
const OUR_WORD = 10_000;

export const NEVER_STARTED: Verdict = {
  outcome: 'interrupted',
  reason: 'the runner ended before the step was started: nothing has run',
};

/** Whether this output is that of the job that stands for "never started". */
export const saysNeverStarted = (run: string, output: string): boolean => output.trim() === wordOf(run);

/** The job as it was started after all; undefined when it never was, and never will be. */
export async function claimUnstarted(
  machine: Machine,
  run: string,
  signal: AbortSignal,
): Promise<JobStatus | undefined> {
  const word = wordOf(run);
  const script = `echo ${word}\nexit 75\n`;
  const size = { columns: 120, rows: 32 };
  await machine.start({ id: run, script, env: {}, timeoutMs: OUR_WORD, size }, signal);
  if ((await firstBytes(machine, run, word.length, signal)) === word) return undefined;
  return (await machine.jobs(signal)).find(({ id }) => id === run);
}

const wordOf = (run: string): string => `never-started-${createHash('sha256').update(run).digest('hex')}`;

/** The first bytes of a job's output; fewer when it ends or stays silent. */
async function firstBytes(
  machine: Machine,
  run: string,
  length: number,
  signal: AbortSignal,
): Promise<string> {
  const enough = new AbortController();
  const limit = AbortSignal.any([signal, enough.signal, AbortSignal.timeout(OUR_WORD)]);
  let seen = Buffer.alloc(0);
  const sink = ({ bytes }: { bytes: Uint8Array }) => {
    seen = Buffer.concat([seen, bytes.subarray(0, length)]).subarray(0, length);
    if (seen.length === length) enough.abort();
  };
  await machine.follow(run, 0, sink, limit).catch(error => {
    if (!limit.aborted) throw error;
  });
  signal.throwIfAborted();
  return seen.toString('latin1');
}
