/** Does a plan of the right form make sense? Each rule says what is wrong, at which field, and what to do. */
import type { PlanPath } from './issue.ts';
import type { Plan } from './plan.ts';
import { addressRules } from './sense-addresses.ts';
import { machineRules } from './sense-machines.ts';
import { rangeRules } from './sense-ranges.ts';

type Partly<T> = T extends (infer Item)[]
  ? (Partly<Item> | undefined)[]
  : T extends object
    ? { [Key in keyof T]?: Partly<T[Key]> }
    : T;

/** A plan of which any part may be missing, because its form was wrong: what is there has the right form. */
export type Draft = Partly<Plan>;

export interface Finding {
  path: PlanPath;
  /** Where to point when the first is a default that nobody wrote. */
  also?: PlanPath;
  what: string;
  next: string;
}

export type Rule = (draft: Draft) => Finding[];

export const senseFindings = (draft: Draft): Finding[] =>
  [...rangeRules, ...addressRules, ...machineRules].flatMap(rule => rule(draft));
