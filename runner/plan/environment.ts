/** From the plan to what a step sees, and to the same as a file that any shell can source. */
import { delimiter } from 'node:path';
import { KfsError } from '../errors.ts';
import type { StatePaths } from '../state.ts';
import type { Plan } from './plan.ts';
import { CLUSTER_VARIABLES, MACHINE_VARIABLES, WORKSTATION_VARIABLES } from './variables.ts';

export interface EnvironmentOptions {
  /** The folder with `kfs` in it: first on the workstation's PATH, and after it the state's `bin`. */
  checkout: string;
  /**
   * Where the step runs. Default: where the subject is. `workstation` with a machine as subject is a step
   * `on="workstation" for="…"`: it sees the workstation's variables and the machine's.
   */
  on?: 'workstation' | 'machine';
  /** PATH to put the checkout before; default: this process's. */
  path?: string;
}

/**
 * In the order of the table. With no plan there is only the workstation, with only its own variables.
 * Throws plan-missing for a machine without a plan, plan-invalid for a machine that the plan does not have.
 */
export function environmentFor(
  plan: Plan | null,
  paths: StatePaths,
  subject: string,
  options: EnvironmentOptions,
): Record<string, string> {
  const env: Record<string, string> = {};
  if (plan) for (const { name, value } of CLUSTER_VARIABLES) env[name] = value(plan);
  if (subject !== 'workstation') {
    const machine = machineOf(plan, subject);
    for (const { name, value } of MACHINE_VARIABLES) env[name] = value(machine);
  }
  if ((options.on ?? (subject === 'workstation' ? 'workstation' : 'machine')) === 'machine') return env;
  for (const { name, value } of WORKSTATION_VARIABLES)
    env[name] = value({ paths, checkout: options.checkout });
  const ours = [options.checkout, paths.bin];
  const rest = (options.path ?? process.env.PATH ?? '')
    .split(delimiter)
    .filter(dir => dir && !ours.includes(dir));
  env.PATH = [...ours, ...rest].join(delimiter);
  return env;
}

function machineOf(plan: Plan | null, name: string) {
  if (!plan)
    throw new KfsError('plan-missing', `there is no plan, so there is no machine ${name}`, {
      next: '`kfs plan init` writes one',
    });
  const machine = plan.machines.find(candidate => candidate.name === name);
  if (machine) return machine;
  const names = plan.machines.map(candidate => candidate.name).join(', ');
  throw new KfsError('plan-invalid', `the plan has no machine ${name}`, {
    next: `its machines are ${names}`,
  });
}

/** In single quotes nothing has a meaning, but for the quote itself: bash, dash and zsh agree on that. */
export const shellQuote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/**
 * The environment as a file to source, in the sh that bash, dash and zsh share. Of PATH only our two first
 * entries are written, as an addition to the PATH of the shell that sources it, once however often.
 */
export function renderEnv(env: Record<string, string>): string {
  return Object.entries(env)
    .map(([name, value]) => (name === 'PATH' ? renderPath(value) : `export ${name}=${shellQuote(value)}\n`))
    .join('');
}

function renderPath(path: string): string {
  const ours = shellQuote(path.split(delimiter).slice(0, 2).join(delimiter));
  return `case ":$PATH:" in *:${ours}:*) ;; *) export PATH=${ours}:"$PATH" ;; esac\n`;
}
