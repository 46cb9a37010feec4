/** A request that is not carried out, as the page is told it. */
import { KfsError } from '../errors.ts';
import type { Refusal } from '../protocol/messages.ts';

export class Refused extends Error {
  readonly reason: Refusal;
  readonly next: string | undefined;

  constructor(reason: Refusal, message: string, next?: string) {
    super(message);
    this.name = 'Refused';
    this.reason = reason;
    this.next = next;
  }
}

/** Reason, message and next action of anything thrown; a bug is named as one, its stack stays here. */
export function describe(error: unknown): { reason: Refusal; message: string; next?: string } {
  if (error instanceof Refused) return { reason: error.reason, message: error.message, ...next(error.next) };
  if (error instanceof KfsError) return { reason: error.code, message: error.message, ...next(error.next) };
  return { reason: 'failed', message: error instanceof Error ? error.message : String(error) };
}

const next = (text: string | undefined) => (text === undefined ? {} : { next: text });
