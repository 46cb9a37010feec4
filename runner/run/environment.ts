/** What a step sees, and which of it the journal keeps. */
import type { Step } from '../book/manifest.ts';
import { environmentFor } from '../plan/environment.ts';
import type { Plan } from '../plan/plan.ts';
import { CHECKOUT, type StatePaths } from '../state.ts';
import type { Inputs } from './derive.ts';
import { hostOf } from './subjects.ts';

export function environmentOf(
  plan: Plan | null,
  paths: StatePaths,
  step: Pick<Step, 'on'>,
  subject: string,
): Record<string, string> {
  const on = hostOf(step, subject) === 'workstation' ? 'workstation' : 'machine';
  return environmentFor(plan, paths, subject, { checkout: CHECKOUT, on });
}

/** The values of the variables that a step uses; one environment a subject and host is made, once. */
export function inputsOf(plan: Plan | null, paths: StatePaths): Inputs {
  const made = new Map<string, Record<string, string>>();
  return (step, subject) => {
    const key = `${hostOf(step, subject)} ${subject}`;
    const env = made.get(key) ?? environmentOf(plan, paths, step, subject);
    made.set(key, env);
    return usedBy(step, env);
  };
}

/** Those of an environment's variables that the step uses and that are set. */
export function usedBy(step: Pick<Step, 'variables'>, env: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    step.variables.flatMap(name => (env[name] === undefined ? [] : [[name, env[name]]])),
  );
}
