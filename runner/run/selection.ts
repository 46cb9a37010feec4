/** From what was asked for (steps, chapters, parts) to cells in the book's order. Pure but for the cells' state. */
import type { Step } from '../book/manifest.ts';
import { KfsError } from '../errors.ts';
import type { Cells } from './derive.ts';
import { latest } from './fold.ts';
import type { Selection } from './runner.ts';
import type { Book } from './subjects.ts';

export interface Planned {
  step: Step;
  subjects: string[];
  /** Named itself, not by its chapter or part. */
  named: boolean;
}

/** Throws step-unknown for a name that the book does not have. */
export function expand(book: Book, cells: Cells, selection: Selection): Planned[] {
  const steps = chosen(book, selection);
  const named = new Set(selection.what);
  const planned = steps.map(step => ({
    step,
    subjects: book.subjects(step.id).filter(subject => wanted(cells, selection, step, subject)),
    named: named.has(step.id),
  }));
  return withoutSpares(cells, planned).filter(({ subjects }) => subjects.length > 0);
}

function chosen(book: Book, { what, from, to }: Selection): Step[] {
  const { steps, chapters, parts } = book.manifest;
  const slugs = new Set([
    ...steps.map(({ id }) => id),
    ...chapters.map(({ slug }) => slug),
    ...parts.map(({ slug }) => slug),
  ]);
  for (const name of [...what, from, to]) {
    if (name === undefined || slugs.has(name)) continue;
    throw new KfsError('step-unknown', `the book has no step, chapter or part named ${name}`);
  }
  const partOf = new Map(chapters.map(({ slug, part }) => [slug, part]));
  const first = from === undefined ? 0 : steps.findIndex(({ id }) => id === from);
  const last = to === undefined ? steps.length - 1 : steps.findIndex(({ id }) => id === to);
  const among = new Set(what);
  return steps.filter(
    ({ id, chapter }, index) =>
      first <= index &&
      index <= last &&
      (what.length === 0 || among.has(id) || among.has(chapter) || among.has(partOf.get(chapter) ?? '')),
  );
}

function wanted(cells: Cells, selection: Selection, step: Step, subject: string): boolean {
  if (selection.subjects && !selection.subjects.includes(subject)) return false;
  return !selection.stale || cells.cell({ step: step.id, subject })?.status === 'stale';
}

/**
 * Of alternatives one is run for a subject: the one that is named, else the one that is proven, or was once, else the
 * first that we have run ourselves.
 */
function withoutSpares(cells: Cells, planned: Planned[]): Planned[] {
  const isFirst = ({ step, named }: Planned, subject: string): boolean => {
    if (step.either === undefined || named) return true;
    const others = planned.filter(
      each => each.step.either === step.either && each.subjects.includes(subject),
    );
    if (others.some(each => each.named)) return false;
    const proven = others.find(each => cells.proven({ step: each.step.id, subject }));
    const before = others.find(each => latest(cells.folded({ step: each.step.id, subject })));
    const preferred = proven ?? before ?? others.find(each => !each.step.notRun) ?? others[0];
    return preferred?.step === step;
  };
  return planned.map(each => ({
    ...each,
    subjects: each.subjects.filter(subject => isFirst(each, subject)),
  }));
}
