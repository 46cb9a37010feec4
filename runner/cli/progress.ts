/** Progress of long work on a terminal: one line that changes; plain lines, seldom, where there is no terminal. */
import type { Progress } from '../../software/builder/cache.ts';
import { duration } from '../duration.ts';

/** A sink for progress that writes to standard error. */
export function progressLine(stream: NodeJS.WriteStream = process.stderr): (progress: Progress) => void {
  const begun = new Map<string, number>();
  let last = { phase: '', at: 0 };
  return progress => {
    const now = Date.now();
    if (!begun.has(progress.phase)) begun.set(progress.phase, now);
    const finished = progress.done >= progress.total;
    const rest = stream.isTTY ? 100 : 10_000;
    if (!finished && progress.phase === last.phase && now - last.at < rest) return;
    last = { phase: progress.phase, at: now };
    const line = describe(progress, now - (begun.get(progress.phase) ?? now));
    if (!stream.isTTY) stream.write(`${line}\n`);
    else stream.write(`\r\x1b[K${line.slice(0, (stream.columns || 80) - 1)}${finished ? '\n' : ''}`);
  };
}

/** `kubernetes  42 %  3 min 10 s left  k8s.io/api/core/v1` */
export function describe({ phase, done, total, text }: Progress, elapsedMs: number): string {
  const share = total > 0 ? done / total : 0;
  const left = share > 0.03 && share < 1 ? `  about ${duration((elapsedMs / share) * (1 - share))} left` : '';
  const percent = total > 1 ? `  ${Math.floor(share * 100)} %` : '';
  return `${phase}${percent}${left}  ${text}`;
}
