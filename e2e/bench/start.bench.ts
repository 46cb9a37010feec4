/** How soon `kfs` answers, beside a Node that does nothing. The book's pages are built before it is measured. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { inTurn, median, print, printLoad, timed } from './support/figures.ts';

const CHECKOUT = resolve(import.meta.dirname, '..', '..');
const KFS = join(CHECKOUT, 'kfs');
const SMALL_BOOK = join(CHECKOUT, 'e2e', 'fixtures', 'small');
const state = mkdtempSync(join(tmpdir(), 'kfs-bench-'));

/** A command that ends by itself; exit status 1 says that something is not done, and is no failure here. */
const kfs = (...argv: string[]) => timed(() => run(KFS, [...argv, '--state', state]));

async function run(program: string, argv: string[]): Promise<void> {
  await promisify(execFile)(program, argv).catch(error => {
    if (error.code !== 1) throw error;
  });
}

/** Milliseconds until the address is printed. */
async function start(): Promise<number> {
  const argv = ['start', '--json', '--no-open', '--port', '0', '--book', SMALL_BOOK, '--state', state];
  let child: ChildProcess | undefined;
  const took = await timed(async () => {
    child = spawn(KFS, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
    const gone = once(child, 'exit').then(() => Promise.reject(new Error('kfs start ended')));
    gone.catch(() => {});
    await Promise.race([once(child.stdout!, 'data'), gone]);
  });
  const ended = once(child!, 'exit');
  child!.kill('SIGINT');
  await ended;
  return took;
}

try {
  await start(); // builds the pages
  const times = await inTurn(
    {
      start,
      help: () => kfs('--help'),
      status: () => kfs('status'),
      node: () => timed(() => run(process.execPath, ['-e', '0'])),
    },
    { rounds: 9, seconds: 25 },
  );
  const peer = { name: '`node -e 0`', value: median(times.node) };
  const goal = { value: 5000 };
  const name = '`kfs start` the second time, until it prints its address';
  print({ name, value: median(times.start), unit: 'ms', peer, goal });
  print({ name: '`kfs --help`', value: median(times.help), unit: 'ms', peer });
  print({ name: '`kfs status` of this book', value: median(times.status), unit: 'ms', peer });
  printLoad();
} finally {
  if (existsSync(state)) rmSync(state, { recursive: true, force: true, maxRetries: 10 });
}
