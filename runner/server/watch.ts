/** Watches the book and the plan, and tells the runner and the pages when they change. */
import { existsSync, type FSWatcher, mkdirSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Manifest } from '../book/manifest.ts';
import { formatError } from '../errors.ts';
import type { Plan } from '../plan/plan.ts';
import type { Hub } from './hub.ts';
import type { Site } from './static.ts';

export interface Watched {
  hub: Hub;
  /** Folder whose chapters are compiled. */
  content: string;
  planFile: string;
  compile(): Promise<Manifest>;
  /** null while there is none; throws for an invalid one. */
  loadPlan(): Plan | null;
  /** Builds the pages anew; resolves when they can be served. */
  rebuild(): Promise<Site>;
  setSite(site: Site): void;
}

/** Editors write in several moves: what comes within this many milliseconds is one change. */
const SETTLE = 150;

/** Returns the end of it. */
export function watchBookAndPlan(watched: Watched): () => void {
  const book = new Pending(() => bookChanged(watched));
  const plan = new Pending(async () => planChanged(watched));
  mkdirSync(dirname(watched.planFile), { recursive: true, mode: 0o700 });
  const name = basename(watched.planFile);
  const watchers = [
    ...(existsSync(watched.content) ? [watch(watched.content, { recursive: true }, () => book.soon())] : []),
    // The folder, not the file: a file that is replaced is another one.
    watch(dirname(watched.planFile), (_event, file) => file === name && plan.soon()),
  ];
  for (const watcher of watchers) watcher.on('error', () => {});
  return () => end(watchers, [book, plan]);
}

function end(watchers: FSWatcher[], pending: Pending[]): void {
  for (const watcher of watchers) watcher.close();
  for (const each of pending) each.cancel();
}

/** Texts first, so that nothing old is run; the pages follow when they are built. */
async function bookChanged({ hub, compile, rebuild, setSite }: Watched): Promise<void> {
  let manifest: Manifest;
  try {
    manifest = await compile();
  } catch (error) {
    hub.broadcast({ type: 'book.broken', message: formatError(error) });
    return;
  }
  if (manifest.digest !== hub.runner.manifest().digest) {
    hub.runner.setManifest(manifest);
    hub.announceBook();
  }
  try {
    hub.broadcast({ type: 'site', state: 'building' });
    setSite(await rebuild());
    hub.broadcast({ type: 'site', state: 'ready' });
  } catch (error) {
    hub.broadcast({ type: 'site', state: 'failed', message: formatError(error) });
  }
}

/** An invalid plan is told, and the last good one stays: nothing runs on half a plan. */
function planChanged({ hub, loadPlan }: Watched): void {
  try {
    const plan = loadPlan();
    hub.planProblem = undefined;
    if (JSON.stringify(plan) === JSON.stringify(hub.runner.plan())) return;
    hub.runner.setPlan(plan);
  } catch (error) {
    hub.planProblem = formatError(error);
  }
  hub.announceBook();
}

/** One piece of work, some time after the last call, never twice at once. */
class Pending {
  #work: () => Promise<void>;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #cancelled = false;

  constructor(work: () => Promise<void>) {
    this.#work = work;
  }

  soon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#running = this.#running.then(() => (this.#cancelled ? undefined : this.#work()));
    }, SETTLE);
  }

  cancel(): void {
    this.#cancelled = true;
    clearTimeout(this.#timer);
  }
}
