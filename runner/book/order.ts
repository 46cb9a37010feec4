/**
 * What must be proven before a step: the states and gates above it in its chapter, and what its `needs` name.
 * Of alternatives (`either="group"`) one is enough. Pure; which machines a place stands for is the caller's matter.
 */
import { KfsError } from '../errors.ts';
import type { Manifest, Step } from './manifest.ts';

/** Alternatives: one of these steps, proven, is enough. Mostly just one. */
export type Need = Step[];

/** The step of that id; `step-unknown` when the book has none. */
export function stepById(manifest: Pick<Manifest, 'steps'>, id: string): Step {
  const step = findStep(manifest, id);
  if (step) return step;
  throw new KfsError('step-unknown', `The book has no step \`${id}\``, {
    next: '`kfs status` lists the steps',
  });
}

export const findStep = (manifest: Pick<Manifest, 'steps'>, id: string): Step | undefined =>
  indexOf(manifest).get(id);

/** Made once for a manifest, which is never changed after it was compiled. */
const indexes = new WeakMap<Pick<Manifest, 'steps'>, Map<string, Step>>();
function indexOf(manifest: Pick<Manifest, 'steps'>): Map<string, Step> {
  let index = indexes.get(manifest);
  if (!index) {
    index = new Map(manifest.steps.map(step => [step.id, step]));
    indexes.set(manifest, index);
  }
  return index;
}

/** States and gates above the step in its chapter, each group of alternatives once; its own group left out. */
export function implicitNeeds(steps: readonly Step[], step: Step): Need[] {
  const same = steps.filter(other => other.chapter === step.chapter);
  const above = same
    .slice(0, same.indexOf(step))
    .filter(other => other.kind === 'step' || other.kind === 'gate');
  return withAlternatives(steps, above, step);
}

/** Implicit and explicit needs of a step, in reading order within each, no need twice. */
export function directNeeds(steps: readonly Step[], step: Step): Need[] {
  const named = step.needs.flatMap(id => steps.find(other => other.id === id) ?? []);
  const implied = implicitNeeds(steps, step);
  const known = new Set(implied.flat());
  return [
    ...implied,
    ...withAlternatives(steps, named, step).filter(need => !need.some(one => known.has(one))),
  ];
}

function withAlternatives(steps: readonly Step[], needed: readonly Step[], step: Step): Need[] {
  const groups = new Set<string>();
  return needed.flatMap(other => {
    if (other.either === undefined) return [[other]];
    if (other.either === step.either || groups.has(other.either)) return [];
    groups.add(other.either);
    return [steps.filter(one => one.either === other.either)];
  });
}

/** One alternative of a need, with the subjects for which it must be proven. */
export interface NeededCells {
  step: Step;
  subjects: string[];
}

/**
 * The cells that must be proven before `step` runs for `subject`: each entry is a need, of which one alternative
 * must be proven for all its subjects. A step that the subject itself has is needed for that subject alone; any
 * other (on the workstation, on `first`, on another role) for all of its own. `subjectsOf` gives a step's subjects;
 * one without any is not needed.
 */
export function neededCells(
  steps: readonly Step[],
  step: Step,
  subject: string,
  subjectsOf: (step: Step) => string[],
): NeededCells[][] {
  return directNeeds(steps, step)
    .map(need =>
      need.map(one => {
        const subjects = subjectsOf(one);
        return { step: one, subjects: subjects.includes(subject) ? [subject] : subjects };
      }),
    )
    .filter(need => need.every(one => one.subjects.length > 0));
}
