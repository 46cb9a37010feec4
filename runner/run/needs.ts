/**
 * What must be proven before a step, and what its result stands on. Pure.
 *
 * A step needs the steps and gates above it in its chapter, and those that `needs` names. Of a needed step these
 * cells count: the one of the same subject, if the step has it (a certificate made `on="workstation"
 * for="etcd"` has the machine as its subject, so a step on that machine needs that machine's certificate); else
 * all its cells (a step on the workstation after a step on three machines needs all three; a step on a new
 * machine after one on `first` needs that one).
 * Of alternatives (`either`) one is enough, and no alternative needs another.
 */
import type { Step } from '../book/manifest.ts';
import type { Book, CellRef } from './subjects.ts';

export interface Need {
  step: Step;
  /** Named by `needs`, not implied by the order of the chapter. */
  explicit: boolean;
  /** One of these lists is enough, each of which must hold in full; more than one for alternatives. */
  ways: CellRef[][];
}

/** Remembered for as long as the book is: it changes with nothing else. */
export function needsOf(book: Book, step: Step, subject: string): Need[] {
  const ofBook = remembered.get(book) ?? new Map<string, Need[]>();
  remembered.set(book, ofBook);
  const key = `${step.id} ${subject}`;
  const needs = ofBook.get(key) ?? findNeeds(book, step, subject);
  ofBook.set(key, needs);
  return needs;
}

const remembered = new WeakMap<Book, Map<string, Need[]>>();

function findNeeds(book: Book, step: Step, subject: string): Need[] {
  const implied = book.above(step.id).filter(({ kind }) => kind === 'step' || kind === 'gate');
  const named = step.needs.map(id => book.step(id)).filter(found => found !== undefined);
  const needs: Need[] = [];
  const seen = new Set<Step>([step]);
  const groups = new Set(step.either ? [step.either] : []);
  for (const needed of [...named, ...implied]) {
    if (seen.has(needed) || (needed.either && groups.has(needed.either))) continue;
    seen.add(needed);
    if (needed.either) groups.add(needed.either);
    const ways = book.alternatives(needed).map(way => cellsFor(book, way, subject));
    const real = ways.filter(cells => cells.length > 0);
    if (real.length > 0) needs.push({ step: needed, explicit: named.includes(needed), ways: real });
  }
  return needs;
}

function cellsFor(book: Book, needed: Step, subject: string): CellRef[] {
  const subjects = book.subjects(needed.id);
  const counted = subjects.includes(subject) ? [subject] : subjects;
  return counted.map(each => ({ step: needed.id, subject: each }));
}
