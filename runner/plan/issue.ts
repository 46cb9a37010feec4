/** What is wrong with a plan, and the error that carries it. */
import { formatPlace, KfsError, type Place } from '../errors.ts';

/** Where in the plan, e.g. `['machines', 0, 'mac']`. */
export type PlanPath = (string | number)[];

export interface PlanIssue {
  path: PlanPath;
  place: Place;
  what: string;
  next: string;
}

/** `machines[0].mac`, as people write it. */
export const formatPath = (path: PlanPath): string =>
  path.reduce<string>(
    (text, step) => (typeof step === 'number' ? `${text}[${step}]` : text ? `${text}.${step}` : step),
    '',
  );

/** All that is wrong, in the order of the file. */
export class PlanError extends KfsError {
  readonly issues: PlanIssue[];

  constructor(file: string, issues: PlanIssue[]) {
    const [only, ...others] = issues;
    if (only && others.length === 0) {
      super('plan-invalid', only.what, { place: only.place, next: only.next });
    } else {
      super(
        'plan-invalid',
        `${file}: ${issues.length} problems in the plan\n${issues.map(formatIssue).join('\n')}`,
        {
          next: 'correct the file, then look again with `kfs plan check`',
        },
      );
    }
    this.issues = issues;
  }
}

export const formatIssue = (issue: PlanIssue): string =>
  `${formatPlace(issue.place)}: ${issue.what}\n  → ${issue.next}`;
