/** Runs a command, hands out its lines, keeps the end of its output for the message when it fails. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import { KfsError } from '../../runner/errors.ts';
import { findProgram } from '../../runner/host-packages.ts';

export interface Finished {
  /** Standard output. */
  output: string;
}

export interface ProcessOptions {
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** Text for its standard input. */
  input?: string;
  onLine?: (line: string) => void;
  signal?: AbortSignal;
  what?: string;
}

/** Nothing goes on building behind our back when this process is killed: the next try would meet it. */
const DIE_WITH_US = ['--pdeathsig', 'TERM', '--'];

/** Who does not end when asked is killed. */
const PATIENCE_MS = 5000;

/** Lines kept for the error message. */
const TAIL = 12;

export async function run(argv: string[], options: ProcessOptions = {}): Promise<Finished> {
  const what = options.what ?? argv[0]!;
  const program = findProgram(argv[0]!);
  if (!program) throw new KfsError('host-unsupported', `${argv[0]} is not installed`);
  const child = spawn('setpriv', [...DIE_WITH_US, program, ...argv.slice(1)], {
    env: options.env ?? process.env,
    cwd: options.cwd,
    stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    detached: true, // its own process group, so that an abort ends what it started too
  });
  let killer: NodeJS.Timeout | undefined;
  const stop = () => {
    signalGroup(child.pid, 'SIGTERM');
    killer = setTimeout(() => signalGroup(child.pid, 'SIGKILL'), PATIENCE_MS);
  };
  options.signal?.addEventListener('abort', stop, { once: true });
  if (options.input !== undefined) child.stdin?.end(options.input);
  const output: Buffer[] = [];
  child.stdout!.on('data', (bytes: Buffer) => output.push(bytes));
  const tail: string[] = [];
  const merged = new PassThrough();
  child.stdout!.pipe(merged, { end: false });
  child.stderr!.pipe(merged, { end: false });
  createInterface({ input: merged }).on('line', line => {
    tail.push(line);
    if (tail.length > TAIL) tail.shift();
    options.onLine?.(line);
  });
  try {
    const status = await new Promise<number | string>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code, signal) => resolve(signal ?? code ?? 0));
    });
    merged.end();
    if (options.signal?.aborted) throw new KfsError('interrupted', `${what} was stopped`);
    if (status !== 0) throw failure(what, status, tail);
    return { output: Buffer.concat(output).toString() };
  } finally {
    options.signal?.removeEventListener('abort', stop);
    clearTimeout(killer);
  }
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  try {
    if (pid) process.kill(-pid, signal);
  } catch {
    // it has ended
  }
}

function failure(what: string, status: number | string, tail: string[]): KfsError {
  const full = tail.some(line => /No space left on device/i.test(line));
  if (full)
    return new KfsError('disk-full', `${what} failed: the disk is full`, {
      next: 'make room and start it again',
    });
  const how = typeof status === 'number' ? `with status ${status}` : `by ${status}`;
  return new KfsError(
    'software-invalid',
    `${what} ended ${how}:\n${tail.map(line => `    ${line}`).join('\n')}`,
    {
      next: 'start it again; it goes on from what is complete',
    },
  );
}
