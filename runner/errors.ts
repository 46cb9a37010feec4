/**
 * The one door for what the user can mend. Everything that goes wrong because of the book, the plan, a
 * machine or this host is a `KfsError`: it names the place, says what and why, and gives the next action.
 * Anything else that is thrown is a bug and keeps its stack.
 */

/** Permanent names; tests and `--json` readers rely on them. Add, never rename. */
export type ErrorCode =
  | 'usage' // the command line is wrong
  | 'book-invalid' // a chapter does not compile
  | 'plan-missing'
  | 'plan-invalid'
  | 'state-busy' // another runner works in the same state directory
  | 'state-broken' // unreadable, unwritable, corrupt or newer state
  | 'disk-full'
  | 'host-unsupported' // this host lacks something (node, a program, namespaces)
  | 'machine-unreachable'
  | 'machine-locked' // another runner holds the machine
  | 'host-key-changed'
  | 'host-key-unknown'
  | 'login-refused'
  | 'step-unknown'
  | 'step-changed' // the digest asked for is not the manifest's
  | 'needs-unproven'
  | 'confirmation-missing' // `destroys` without the machine's name
  | 'step-failed'
  | 'check-failed'
  | 'refused' // any other request that the runner will not carry out
  | 'interrupted'
  | 'software-invalid'
  | 'lab-failed'
  | 'image-failed'
  | 'pki-refused';

/** A position in a text file, 1-based. */
export interface Place {
  file: string;
  line: number;
  column: number;
}

export interface KfsErrorOptions {
  place?: Place;
  /** What the person can do now, one sentence or a command. */
  next?: string;
  cause?: unknown;
}

export class KfsError extends Error {
  readonly code: ErrorCode;
  readonly place: Place | undefined;
  readonly next: string | undefined;

  constructor(code: ErrorCode, message: string, options: KfsErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'KfsError';
    this.code = code;
    this.place = options.place;
    this.next = options.next;
  }
}

/** `content/docs/x.mdx:12:1`, as editors and terminals make it clickable. */
export const formatPlace = (place: Place): string => `${place.file}:${place.line}:${place.column}`;

/** Two or three lines for a terminal: place and message, then the next action. */
export function formatError(error: unknown): string {
  if (!(error instanceof KfsError))
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  const head = error.place ? `${formatPlace(error.place)}: ${error.message}` : error.message;
  return error.next ? `${head}\n  → ${error.next}` : head;
}
