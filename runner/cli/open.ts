/** Opens book, plan and run engine for a command; compiler and engine are loaded only then. */
import type { Manifest } from '../book/manifest.ts';
import { KfsError } from '../errors.ts';
import { loadPlanIfAny } from '../plan/load.ts';
import type { Plan } from '../plan/plan.ts';
import type { Runner } from '../run/runner.ts';
import type { Globals } from './context.ts';

/** The plan of the state directory, or null while there is none; an invalid one throws. */
export const planOrNull = (globals: Globals): Plan | null => loadPlanIfAny(globals.paths.plan);

/** The plan between two steps; undefined while it cannot be read, which its own check tells better. */
export function planOnDisk(globals: Globals): Plan | null | undefined {
  try {
    return planOrNull(globals);
  } catch {
    return undefined;
  }
}

/** `plan` is read from the state directory unless it is given. */
export async function openRunner(globals: Globals, plan?: Plan | null): Promise<Runner> {
  const [{ compileBook }, { createRunner }, { labPower }] = await Promise.all([
    import('../book/compile.ts'),
    import('../run/engine.ts'),
    import('./lab-power.ts'),
  ]);
  const manifest = await compileBook(globals.book);
  const { paths } = globals;
  return createRunner({
    manifest,
    plan: plan === undefined ? planOrNull(globals) : plan,
    planOnDisk: () => planOnDisk(globals),
    paths,
    power: labPower(paths),
  });
}

/** Refuses what names nothing in the book, with the nearest names. */
export function assertKnown(manifest: Manifest, what: string[]): void {
  const known = [
    ...manifest.parts.map(part => part.slug),
    ...manifest.chapters.map(chapter => chapter.slug),
    ...manifest.steps.map(step => step.id),
  ];
  for (const name of what) {
    if (known.includes(name)) continue;
    const near = known.filter(candidate => candidate.includes(name) || name.includes(candidate)).slice(0, 5);
    throw new KfsError('step-unknown', `the book has no step, chapter or part named ${name}`, {
      next: near.length > 0 ? `did you mean ${near.join(', ')}?` : 'kfs status lists them all',
    });
  }
}
