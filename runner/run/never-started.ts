/**
 * Whether a run that was recorded, but not as shipped, was ever started. Its start may still be on the way when
 * the next runner looks. So that runner starts a job under the same id, which says a word that nobody else
 * knows: of two starts with one id exactly one counts, and from then on the other can do nothing.
 */
import { randomBytes } from 'node:crypto';
import type { JobStatus, Machine } from '../machine/machine.ts';

/** How long our own job may take to say its word, on a busy host; milliseconds. */
const OUR_WORD = 20_000;

/** The job as it was started after all; undefined when it never was, and never will be. */
export async function claimUnstarted(
  machine: Machine,
  run: string,
  signal: AbortSignal,
): Promise<JobStatus | undefined> {
  const word = `never-started-${randomBytes(16).toString('hex')}`;
  const size = { columns: 120, rows: 32 };
  await machine.start({ id: run, script: `echo ${word}\n`, env: {}, timeoutMs: OUR_WORD, size }, signal);
  if ((await firstBytes(machine, run, word.length, signal)) === word) return undefined;
  return (await machine.jobs(signal)).find(({ id }) => id === run);
}

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
