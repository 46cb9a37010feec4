/** From the command to the running server, and to its end. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { compileBook } from '../../book/compile.ts';
import { formatError, KfsError } from '../../errors.ts';
import type { Runner } from '../../run/runner.ts';
import {
  answers,
  readAddress,
  removeAddress,
  type ServerAddress,
  writeAddress,
} from '../../server/address-file.ts';
import { hasDisplay, openBrowser } from '../../server/open-browser.ts';
import { type RunningServer, startServer } from '../../server/server.ts';
import { prepareSite } from '../../server/site-cache.ts';
import { watchBookAndPlan } from '../../server/watch.ts';
import { buildSite } from '../build.ts';
import { CHECKOUT, docsFolder, type Globals, paint } from '../context.ts';
import { openRunner, planOrNull } from '../open.ts';
import { type StartOptions, USUAL_PORT } from '../start.ts';
import { LabKeeping } from './lab-keeping.ts';
import { labLine } from './lab-line.ts';
import { labWork } from './lab-work.ts';

/** Serves until a signal comes; points to the runner that works in this state directory already. */
export async function start(at: Globals, options: StartOptions): Promise<void> {
  const port = portOf(options.port);
  const running = await runningAt(at.paths.server);
  if (running) return pointTo(running, at, options);
  const { runner, planProblem } = await open(at);
  let server: RunningServer;
  try {
    server = await serve(at, runner, port);
  } catch (error) {
    await runner.close();
    throw error;
  }
  server.hub.planProblem = planProblem;
  writeAddress(at.paths.server, { pid: process.pid, url: server.url, book: at.book });
  const unwatch = watch(at, server);
  void runner.resume();
  tell(server.url, at, options);
  const lab = prepareLab(at, options, server);
  const signal = await ended();
  unwatch();
  removeAddress(at.paths.server);
  const halfWay = lab.working;
  await lab.stop();
  if (!at.json) process.stderr.write(`\n${goodbye(runner)}${halfWay ? LAB_LATER : ''}\n`);
  await server.close();
  await runner.close();
  // A page that is still closing, or a build, is not waited for.
  process.exit(signal === 'SIGHUP' ? 129 : 0);
}

/** A plan that is wrong is no reason to stay away: the page is where it can be corrected. Nothing runs on it. */
async function open(at: Globals): Promise<{ runner: Runner; planProblem?: string }> {
  try {
    return { runner: await openRunner(at) };
  } catch (error) {
    if (!(error instanceof KfsError) || error.code !== 'plan-invalid') throw error;
    return { runner: await openRunner(at, null), planProblem: formatError(error) };
  }
}

async function serve(at: Globals, runner: Runner, port: number | undefined): Promise<RunningServer> {
  const site = await prepareSite(sources(at), () => {
    if (!at.json) process.stderr.write('kfs: building the pages (only when something has changed)\n');
  });
  const options = { runner, paths: at.paths, site };
  if (port !== undefined) return startServer({ ...options, port });
  try {
    return await startServer({ ...options, port: USUAL_PORT });
  } catch (error) {
    if (error instanceof KfsError && error.code === 'usage') return startServer({ ...options, port: 0 });
    throw error;
  }
}

const sources = ({ book, paths }: Globals) => ({
  ...{ checkout: CHECKOUT, book, cache: join(paths.root, 'site') },
  build: (from: string, out: string) => buildSite({ book: from, base: '/', out }),
});

function watch(at: Globals, server: RunningServer): () => void {
  const inside = join(at.book, 'content');
  return watchBookAndPlan({
    ...{ hub: server.hub, setSite: server.setSite, planFile: at.paths.plan },
    content: existsSync(inside) ? inside : docsFolder(at.book),
    compile: () => compileBook(at.book),
    loadPlan: () => planOrNull(at),
    rebuild: () => prepareSite(sources(at)),
  });
}

const LAB_LATER = '\nkfs: the lab was not ready yet; the next start goes on with it.';

/** Behind the served book: nothing waits for it. A book of one's own has no use for our machines. */
function prepareLab(at: Globals, options: StartOptions, { hub }: RunningServer): LabKeeping {
  const line = labLine(at.json);
  const lab = new LabKeeping(labWork(at.paths), state => {
    hub.lab.show(state);
    line(state);
  });
  hub.lab.retry = () => lab.start();
  if (options.lab && at.book === CHECKOUT) lab.start();
  return lab;
}

/** The runner that works in this state directory already. */
async function runningAt(file: string): Promise<ServerAddress | undefined> {
  const address = readAddress(file);
  return address && (await answers(address)) ? address : undefined;
}

function pointTo(running: ServerAddress, at: Globals, options: StartOptions): void {
  if (running.book !== at.book) {
    throw new KfsError(
      'state-busy',
      `a runner for another book (${running.book}) works in ${at.paths.root}`,
      {
        next: `end it (kill ${running.pid}), or give this one a directory of its own with --state`,
      },
    );
  }
  if (at.json)
    process.stdout.write(`${JSON.stringify({ url: running.url, pid: running.pid, running: true })}\n`);
  else
    process.stdout.write(
      `The runner works already, as process ${running.pid}:\n\n  ${paint('cyan', running.url)}\n\n`,
    );
  if (options.open && hasDisplay()) openBrowser(running.url, at.paths.root);
}

function tell(url: string, at: Globals, options: StartOptions): void {
  if (at.json) process.stdout.write(`${JSON.stringify({ url, pid: process.pid })}\n`);
  else {
    process.stdout.write(`\n  ${paint('bold', 'The book, with its runner:')} ${paint('cyan', url)}\n\n`);
    process.stdout.write('  Ctrl-C ends the runner; steps that run go on.\n\n');
  }
  if (options.open && hasDisplay()) openBrowser(url, at.paths.root);
}

function goodbye(runner: Runner): string {
  const running = runner.cells().filter(({ status }) => status === 'running');
  if (running.length === 0) return 'kfs: ended.';
  const steps = running.map(({ step, subject }) => `${step} on ${subject}`).join(', ');
  return `kfs: ended. ${steps} goes on; the next start finds it.`;
}

function ended(): Promise<NodeJS.Signals> {
  return new Promise(done => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => done(signal));
  });
}

function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65535) return port;
  throw new KfsError('usage', `${text} is no port`, {
    next: 'a number from 1 to 65535; 0 lets the system choose',
  });
}
