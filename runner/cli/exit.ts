/** Exit codes of `kfs`; documented in `kfs --help` and in the book. */
import { type ErrorCode, KfsError } from '../errors.ts';

export const EXIT = {
  ok: 0,
  /** A step, a check, a lint rule or a test failed. */
  failed: 1,
  /** The command line is wrong. */
  usage: 2,
  /** The book, the plan, the state or this host does not allow it: nothing was run. */
  unable: 3,
  /** Ctrl-C. */
  interrupted: 130,
} as const;

const FAILED: ErrorCode[] = ['step-failed', 'check-failed', 'book-invalid', 'plan-invalid', 'needs-unproven'];

/** The exit code that an error means. */
export function exitCodeOf(error: unknown): number {
  if (!(error instanceof KfsError)) return EXIT.failed;
  if (error.code === 'usage') return EXIT.usage;
  if (error.code === 'interrupted') return EXIT.interrupted;
  return FAILED.includes(error.code) ? EXIT.failed : EXIT.unable;
}
