/** This page's runner: the link, made once when a token is there, and asking it with one place for refusals. */
import type { AskType, Replies } from '../../runner/protocol/messages.ts';
import { announce } from './announce.ts';
import { Link, type Question, RefusedError } from './link.ts';
import { store } from './store.ts';
import { dropToken } from './token.ts';

let link: Link | undefined;

export function connect(token: string): void {
  link = new Link(
    token,
    message => store.heard(message),
    state => {
      if (state === 'token-wrong') dropToken(token);
      store.moved(state);
    },
  );
}

/** Only elements that were made because a runner answered call this. */
export function runner(): Link {
  if (!link) throw new Error('no runner');
  return link;
}

/** Asks, and says a refusal aloud; undefined then. */
export async function ask<T extends AskType>(
  question: Question<T>,
  say: (message: string) => void = announce,
): Promise<Replies[T] | undefined> {
  try {
    return await runner().ask(question);
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    say(error.next ? `${error.message} ${error.next}` : error.message);
    return undefined;
  }
}
