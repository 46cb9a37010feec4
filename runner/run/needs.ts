/** What must be proven before a cell, and what its result stands on: `cellNeeds` of the book, remembered. */

import type { Step } from '../book/manifest.ts';
import { cellNeeds } from '../book/order.ts';
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

const findNeeds = (book: Book, step: Step, subject: string): Need[] =>
  cellNeeds(book.manifest.steps, step, subject, one => book.subjects(one.id)).map(need => ({
    ...need,
    ways: need.ways.map(way => way.subjects.map(each => ({ step: way.step.id, subject: each }))),
  }));
