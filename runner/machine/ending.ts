/** The supervisor's line about the end of a job. */
import type { Ending } from './machine.ts';

/** Parses `end exited|timeout|stopped STATUS MS BYTES SHA256` or `end interrupted BYTES`. */
export function parseEnding(word: string): Ending {
  const [, how, ...rest] = word.split(' ');
  if (how === 'interrupted') return { how, bytes: Number(rest[0]) };
  const [status, durationMs, bytes] = rest.slice(0, 3).map(Number);
  const sha256 = rest[3];
  if ((how === 'exited' || how === 'timeout' || how === 'stopped') && bytes !== undefined && sha256) {
    return { how, status: status ?? 0, durationMs: durationMs ?? 0, bytes, sha256 };
  }
  throw new Error(`not the end of a job: ${word}`);
}
