/** A runner in a directory of its own, over real supervisors, and what it announced. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Manifest } from '../../book/manifest.ts';
import type { RunEvent } from '../../events.ts';
import { localMachine } from '../../machine/local.ts';
import type { Machine } from '../../machine/machine.ts';
import { type StatePaths, statePaths } from '../../state.ts';
import { createRunner, type RunnerOptions } from '../engine.ts';
import type { Runner, RunRequest, RunResult } from '../runner.ts';

export interface Desk {
  runner: Runner;
  paths: StatePaths;
  events: RunEvent[];
  /** Runs a step of the runner's book as the page would. */
  run(step: string, subject?: string, more?: Partial<RunRequest>): Promise<RunResult>;
  /** Resolves with the next event for which `wanted` holds, or the first that was already there. */
  event<T extends RunEvent['type']>(
    type: T,
    wanted?: (event: Extract<RunEvent, { type: T }>) => boolean,
  ): Promise<Extract<RunEvent, { type: T }>>;
  status(step: string, subject?: string): string | undefined;
  /** Ends this runner and opens another one in the same directory. */
  reopen(more?: Partial<RunnerOptions>): Promise<Desk>;
}

/** A temporary state directory, removed after the test. */
export function stateDir(t: TestContext): StatePaths {
  const dir = mkdtempSync(join(tmpdir(), 'kfs-run-'));
  t.after(async () => {
    for (const close of closers.get(dir) ?? []) await close();
    rmSync(dir, { recursive: true, force: true, maxRetries: 10 });
  });
  return statePaths(dir);
}

/** What must end before a state directory is removed. */
const closers = new Map<string, (() => Promise<void>)[]>();

/** A machine that is a supervisor of its own on this host: its own spool, its own lock. */
export const sideMachine = (paths: StatePaths, name: string): Machine =>
  localMachine(name, {
    spool: join(paths.root, 'side', name, 'spool'),
    workdir: join(paths.root, 'side', name),
  });

export async function openDesk(
  t: TestContext,
  options: Partial<RunnerOptions> & { manifest: Manifest },
): Promise<Desk> {
  const paths = options.paths ?? stateDir(t);
  const usual = (name: string) => (name === 'workstation' ? null : sideMachine(paths, name));
  const runner = await createRunner({ plan: null, machines: usual, ...options, paths });
  closers.set(paths.root, [...(closers.get(paths.root) ?? []), () => runner.close()]);
  const events: RunEvent[] = [];
  const waiting = new Set<() => void>();
  runner.subscribe(event => {
    events.push(event);
    for (const look of waiting) look();
  });
  return {
    runner,
    paths,
    events,
    run: (step, subject = 'workstation', more = {}) =>
      runner.run({ ...requestFor(runner, step, subject), ...more }),
    event: (type, wanted = () => true) =>
      new Promise(resolve => {
        const look = () => {
          const found = events.find(event => event.type === type && wanted(event as never));
          if (!found) return;
          waiting.delete(look);
          resolve(found as never);
        };
        waiting.add(look);
        look();
      }),
    status: (step, subject = 'workstation') => runner.cell(step, subject)?.status,
    reopen: async more => {
      await runner.close();
      return openDesk(t, { ...options, paths, ...more });
    },
  };
}

function requestFor(runner: Runner, step: string, subject: string): RunRequest {
  const digest = runner.manifest().steps.find(({ id }) => id === step)?.digest ?? '';
  return { step, subject, digest, mode: 'run', by: 'test' };
}

/** Lines of a file in the directory where steps of the workstation run; none while it is not there. */
export function linesOf(desk: Desk, file: string): string[] {
  const path = join(desk.paths.work, file);
  return existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n') : [];
}

/** What a run has printed so far. */
export const outputOf = (desk: Desk, run: string): string =>
  Buffer.from(desk.runner.transcript(run).bytes).toString();
