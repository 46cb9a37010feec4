/** What is wrong with a book: one finding a problem, collected rather than thrown, so that a reader mends all in one go. */
import { formatPlace, KfsError, type Place } from '../errors.ts';

export interface Finding {
  place: Place;
  /** Permanent name of the rule, e.g. `step-id`. */
  rule: string;
  what: string;
  why: string;
  /** How to mend it. */
  mend: string;
}

/** `content/docs/x.mdx:12:1: what, why, how to mend [rule]` */
export const formatFinding = (finding: Finding): string =>
  `${formatPlace(finding.place)}: ${finding.what}; ${finding.why}; ${finding.mend} [${finding.rule}]`;

/** In reading order: by file, line, column, rule. */
export function sortFindings(findings: readonly Finding[]): Finding[] {
  return [...findings].sort(
    (a, b) =>
      compare(a.place.file, b.place.file) ||
      a.place.line - b.place.line ||
      a.place.column - b.place.column ||
      compare(a.rule, b.rule),
  );
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The book does not compile. `findings` has every problem; the message lists them all. */
export class BookError extends KfsError {
  readonly findings: readonly Finding[];

  constructor(findings: readonly Finding[]) {
    const sorted = sortFindings(findings);
    const [first, ...others] = sorted;
    const lines = others.map(finding => `\n${formatFinding(finding)}`).join('');
    super('book-invalid', first ? `${first.what}; ${first.why}${lines}` : 'The book does not compile', {
      ...(first ? { place: first.place, next: first.mend } : {}),
    });
    this.findings = sorted;
  }
}
