/** Reads a plan: YAML, form, sense. Collects every problem before it gives up. */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, resolve } from 'node:path';
import type { z } from 'zod';
import { KfsError } from '../errors.ts';
import { PlanError, type PlanIssue, type PlanPath } from './issue.ts';
import type { Plan } from './plan.ts';
import { planSchema, RANGE_DEFAULTS } from './schema.ts';
import { type Draft, senseFindings } from './sense.ts';
import { shapeIssues, valueAt } from './shape.ts';
import { placeOf, readSource } from './source.ts';

export type { PlanIssue } from './issue.ts';
export { PlanError } from './issue.ts';

export interface ParsedPlan {
  /** Only when there are no issues. */
  plan?: Plan;
  /** In the order of the file. */
  issues: PlanIssue[];
}

/** Throws `KfsError` plan-missing, or `PlanError` (plan-invalid) with all issues. */
export function loadPlan(file: string): Plan {
  const { plan, issues } = parsePlan(readPlanText(file), file);
  if (!plan) throw new PlanError(file, issues);
  return plan;
}

/** null while there is no plan; what is wrong with one that is there is thrown. */
export function loadPlanIfAny(file: string): Plan | null {
  try {
    return loadPlan(file);
  } catch (error) {
    if (error instanceof KfsError && error.code === 'plan-missing') return null;
    throw error;
  }
}

/** The text of the plan's file; throws plan-missing, or state-broken when it is there and cannot be read. */
export function readPlanText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      const next = '`kfs plan init` asks for what it needs and writes one; `--plan FILE` names another file';
      throw new KfsError('plan-missing', `there is no plan at ${file}`, { next, cause: error });
    }
    const next = 'look at the path and at its permissions';
    throw new KfsError('state-broken', `the plan ${file} cannot be read (${code})`, { next, cause: error });
  }
}

/** Never throws; `file` is for the messages and for relative paths in the plan. */
export function parsePlan(text: string, file: string): ParsedPlan {
  const source = readSource(text, file);
  if (source.issues.length > 0) return { issues: source.issues };
  const shape = planSchema.safeParse(source.data);
  const broken = shape.error?.issues ?? [];
  const draft: Draft = shape.data ?? withoutBroken(source.data, brokenPaths(broken));
  const sense = senseFindings(draft).map(({ path, also, what, next }) => {
    const at = also && valueAt(source.data, path) === undefined ? also : path;
    return { path: at, place: placeOf(source, at), what, next };
  });
  const issues = [...shapeIssues(broken, source), ...sense].sort(byPlace);
  if (shape.data && issues.length === 0) return { plan: withFullPaths(shape.data, file), issues };
  return { issues };
}

/** An unknown field beside them breaks no value. */
const brokenPaths = (issues: z.core.$ZodIssue[]): PlanPath[] =>
  issues.filter(issue => issue.code !== 'unrecognized_keys').map(issue => issue.path as PlanPath);

/** What is left of the data without the values whose form is wrong, so that their sense is not judged. */
function withoutBroken(data: unknown, paths: PlanPath[]): Draft {
  const root = { whole: structuredClone(data) };
  for (const path of paths) {
    const full = ['whole', ...path];
    const holder = full
      .slice(0, -1)
      .reduce<unknown>((at, step) => (at as Record<string, unknown> | undefined)?.[step], root);
    if (holder && typeof holder === 'object')
      (holder as Record<string, unknown>)[String(full.at(-1))] = undefined;
  }
  return { ...RANGE_DEFAULTS, ...(root.whole as Draft | undefined) };
}

const byPlace = (one: PlanIssue, other: PlanIssue): number =>
  one.place.line - other.place.line || one.place.column - other.place.column;

/** Files named in a plan are relative to it, `~/` is the reader's home. */
function withFullPaths(plan: Plan, file: string): Plan {
  const full = (path: string | undefined) =>
    path === undefined ? undefined : resolve(dirname(resolve(file)), path.replace(/^~(?=\/)/, homedir()));
  const { key, config, ...ssh } = plan.ssh;
  return {
    ...plan,
    ssh: { ...ssh, ...(key && { key: full(key) }), ...(config && { config: full(config) }) },
  };
}
