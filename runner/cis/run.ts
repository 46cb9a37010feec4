/** Runs the commands of controls against the plan's machines: everything of one host in turn, the hosts side by side. */
import { KfsError } from '../errors.ts';
import type { Captured } from '../machine/machine.ts';
import { machineNamed } from '../machine/named.ts';
import { environmentFor } from '../plan/environment.ts';
import { type Plan, subjectsOf } from '../plan/plan.ts';
import { CHECKOUT, type StatePaths } from '../state.ts';
import { type Benchmark, type Control, scriptOf } from './controls.ts';

export interface Shown {
  control: Control;
  host: string;
  holds: boolean;
  /** What the command printed, or why it could not be run. */
  output: string;
}

interface Cluster {
  plan: Plan;
  paths: StatePaths;
}

const TIMEOUT_MS = 60_000;

/** One result for each control and host, told as they come. A machine that does not answer fails its controls. */
export async function showControls(
  { plan, paths }: Cluster,
  benchmark: Benchmark,
  controls: Control[],
  tell: (shown: Shown) => void,
  signal?: AbortSignal,
): Promise<Shown[]> {
  const hosts = [...new Set(controls.flatMap(({ on }) => subjectsOf(plan, on)))];
  const all = await Promise.all(hosts.map(host => showOn(host)));
  return all.flat();

  async function showOn(host: string): Promise<Shown[]> {
    const machine = machineNamed(host, paths);
    const env = environmentFor(plan, paths, host, { checkout: CHECKOUT });
    const results: Shown[] = [];
    try {
      for (const control of controls.filter(({ on }) => subjectsOf(plan, on).includes(host))) {
        if (signal?.aborted) break;
        const captured = await tried(() =>
          machine.capture(scriptOf(benchmark, control), env, TIMEOUT_MS, signal),
        );
        const shown = { control, host, holds: captured.status === 0, output: captured.output.trimEnd() };
        results.push(shown);
        tell(shown);
      }
    } finally {
      await machine.close();
    }
    return results;
  }
}

/** A machine that cannot be asked is an answer too. */
async function tried(ask: () => Promise<Captured>): Promise<Captured> {
  try {
    const captured = await ask();
    if (!captured.timedOut) return captured;
    return { ...captured, status: 1, output: `${captured.output}\nit did not end in time` };
  } catch (error) {
    if (!(error instanceof KfsError)) throw error;
    return { status: 1, output: error.message, timedOut: false };
  }
}
