/** What a command does with its terminal: Ctrl-C stops its work, or another program gets the terminal. */
import { spawn } from 'node:child_process';
import { KfsError } from '../runner/errors.ts';

/** Aborted by Ctrl-C, and by whoever asks this process to end; what is finished stays, what is half made is not taken for it. */
export function interruptible(): AbortSignal {
  const controller = new AbortController();
  const stop = () =>
    controller.abort(
      new KfsError('interrupted', 'the work was stopped', {
        next: 'start it again; it goes on from what is complete',
      }),
    );
  process.once('SIGINT', stop).once('SIGTERM', stop);
  return controller.signal;
}

/** Gives the terminal to another program: what would end us ends it, and its exit status is ours. Rejects when it does not start. */
export function handTerminal([program, ...words]: string[]): Promise<void> {
  // Before it starts: it may be asked to end at once. Ctrl-C reaches it by itself, as often as it is typed.
  process.on('SIGINT', () => {}).on('SIGTERM', () => child.kill('SIGTERM'));
  const child = spawn(program!, words, { stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (status, signal) => {
      process.exitCode = status ?? (signal ? 130 : 1);
      resolve();
    });
  });
}
