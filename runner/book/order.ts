/**
 * What must be proven before a step: the states and gates above it in its chapter, and what its `needs` name.
 * Of alternatives (`either="group"`) one is enough. Pure; which machines a place stands for is the caller's matter.
 */
import { KfsError } from '../errors.ts';
import type { Manifest, Step } from './manifest.ts';

export interface Need {
  /** The step that is named, or stands above. */
  step: Step;
  /** Named by `needs`, not implied by the order of the chapter. */
  explicit: boolean;
  /** Itself and its alternatives: one of them, proven, is enough. */
  ways: Step[];
}

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

/** What `needs` names, then the states and gates above in the chapter; none twice, and no alternative needs another. */
export function directNeeds(steps: readonly Step[], step: Step): Need[] {
  const named = step.needs.flatMap(id => steps.find(other => other.id === id) ?? []);
  const seen = new Set<Step>([step]);
  const groups = new Set(step.either === undefined ? [] : [step.either]);
  return [...named, ...above(steps, step)].flatMap(needed => {
    const group = needed.either;
    if (seen.has(needed) || (group !== undefined && groups.has(group))) return [];
    seen.add(needed);
    if (group !== undefined) groups.add(group);
    const ways = group === undefined ? [needed] : steps.filter(other => other.either === group);
    return [{ step: needed, explicit: named.includes(needed), ways }];
  });
}

function above(steps: readonly Step[], step: Step): Step[] {
  const same = steps.filter(other => other.chapter === step.chapter);
  return same.slice(0, same.indexOf(step)).filter(({ kind }) => kind === 'step' || kind === 'gate');
}

/** A need of a step for one subject: of one of its ways, all cells must be proven. */
export interface CellNeed extends Omit<Need, 'ways'> {
  ways: { step: Step; subjects: string[] }[];
}

/**
 * What must be proven before `step` runs for `subject`. Of a needed step these cells count: the one of the same
 * subject, if the step has it (a certificate made `on="workstation" for="etcd"` has the machine as its subject, so a
 * step on that machine needs that machine's certificate); else all its cells (a step on the workstation after a step
 * on three machines needs all three; a step on a new machine after one on `first` needs that one). What has no subject
 * under this plan is no way, and a need without any way is none.
 */
export function cellNeeds(
  steps: readonly Step[],
  step: Step,
  subject: string,
  subjectsOf: (step: Step) => string[],
): CellNeed[] {
  return directNeeds(steps, step)
    .map(need => ({ ...need, ways: need.ways.map(way => cellsOf(way, subject, subjectsOf(way))) }))
    .map(need => ({ ...need, ways: need.ways.filter(({ subjects }) => subjects.length > 0) }))
    .filter(({ ways }) => ways.length > 0);
}

const cellsOf = (step: Step, subject: string, subjects: string[]): CellNeed['ways'][number] => ({
  step,
  subjects: subjects.includes(subject) ? [subject] : subjects,
});
