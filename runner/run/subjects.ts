/** Which subjects a step has under a plan, and on which host it runs for one. Pure. */
import type { Manifest, Step } from '../book/manifest.ts';
import { type Plan, subjectsOf } from '../plan/plan.ts';

/** A step for a subject. */
export interface CellRef {
  step: string;
  subject: string;
}

/** With no plan only the workstation's own steps have one. */
export function subjectsOfStep(step: Pick<Step, 'on' | 'for'>, plan: Plan | null): string[] {
  if (step.on === 'workstation' && step.for === undefined) return ['workstation'];
  return plan ? subjectsOf(plan, step.on === 'workstation' ? step.for! : step.on) : [];
}

export const hostOf = (step: Pick<Step, 'on'>, subject: string): string =>
  step.on === 'workstation' ? 'workstation' : subject;

/** The book as the engine looks things up in it. */
export class Book {
  readonly manifest: Manifest;
  readonly plan: Plan | null;
  readonly #steps: Map<string, Step>;
  readonly #subjects = new Map<string, string[]>();
  readonly #groups = new Map<string, Step[]>();

  constructor(manifest: Manifest, plan: Plan | null) {
    this.manifest = manifest;
    this.plan = plan;
    this.#steps = new Map(manifest.steps.map(step => [step.id, step]));
    for (const step of manifest.steps) {
      this.#subjects.set(step.id, subjectsOfStep(step, plan));
      if (step.either) this.#groups.set(step.either, [...(this.#groups.get(step.either) ?? []), step]);
    }
  }

  step(id: string): Step | undefined {
    return this.#steps.get(id);
  }

  subjects(id: string): string[] {
    return this.#subjects.get(id) ?? [];
  }

  /** Every cell, in the book's order. */
  cells(): CellRef[] {
    return this.manifest.steps.flatMap(step =>
      this.subjects(step.id).map(subject => ({ step: step.id, subject })),
    );
  }

  /** The alternatives of a step, itself among them; itself alone without `either`. */
  alternatives(step: Step): Step[] {
    return step.either ? (this.#groups.get(step.either) ?? [step]) : [step];
  }
}
