/** A limit for several runs together. */
import type { ChildProcess } from 'node:child_process';

/** Resolves as `ended` does; the process that it is the end of is killed when the limit passes, or has passed. */
export async function within<T>(
  limit: AbortSignal,
  { child, ended }: { child: ChildProcess; ended: Promise<T> },
): Promise<T> {
  const kill = () => void child.kill('SIGKILL');
  if (limit.aborted) kill();
  limit.addEventListener('abort', kill, { once: true });
  try {
    return await ended;
  } finally {
    limit.removeEventListener('abort', kill);
  }
}
