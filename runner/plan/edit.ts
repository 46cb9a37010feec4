/**
 * The Plan page's way to change the file that a person also edits: only the changed places of the text are
 * replaced, so that comments, order and alignment stay.
 */
import { createHash } from 'node:crypto';
import { realpathSync, statSync } from 'node:fs';
import { KfsError } from '../errors.ts';
import type { PlanPath } from './issue.ts';
import { type ParsedPlan, parsePlan, readPlanText } from './load.ts';
import { removePath, setPath } from './splice.ts';
import { writeWhole } from './write.ts';
import { plainData } from './yaml-text.ts';

/** A value of null removes the field, or the item of a list; a path one past a list's end adds to it. */
export type PlanEdit =
  | { path: PlanPath; value: unknown }
  | { addMachine: Record<string, unknown> }
  | { removeMachine: string };

export interface Edited extends ParsedPlan {
  text: string;
  /** Of the new text. */
  digest: string;
}

/** What a person saw when he began to edit; `savePlan` refuses when the file is another by then. */
export const planDigest = (text: string): string => createHash('sha256').update(text).digest('hex');

/** In order, each on the result of the one before; the issues are those of the end. Writes nothing. */
export function editPlan(text: string, edits: PlanEdit[], file: string): Edited {
  const edited = edits.reduce((current, edit) => applyEdit(current, edit), text);
  return { text: edited, digest: planDigest(edited), ...parsePlan(edited, file) };
}

function applyEdit(text: string, edit: PlanEdit): string {
  if ('path' in edit) {
    const empty = edit.value === null || edit.value === undefined;
    return empty ? removePath(text, edit.path) : setPath(text, edit.path, edit.value);
  }
  if ('addMachine' in edit) return setPath(text, ['machines', machineNames(text).length], edit.addMachine);
  const index = machineNames(text).indexOf(edit.removeMachine);
  if (index >= 0) return removePath(text, ['machines', index]);
  throw new KfsError('refused', `the plan has no machine ${edit.removeMachine}`, { next: 'reload the page' });
}

/** Read leniently: the text may be wrong in other places, which is what is being corrected. */
function machineNames(text: string): unknown[] {
  const machines = plainData(text).machines;
  return Array.isArray(machines) ? machines.map(machine => machine?.name) : [];
}

/** Replaces the file as a whole, keeping its mode; `seen` is the digest of the text that the edits began from. */
export function savePlan(file: string, text: string, seen: string): void {
  const now = readPlanText(file);
  if (planDigest(now) !== seen) {
    throw new KfsError('refused', `${file} was changed by someone else since you opened it`, {
      next: 'reload the page to see the new text, then make your change again',
    });
  }
  const target = realpathSync(file); // a link stays a link
  writeWhole(target, text, statSync(target).mode & 0o777);
}
