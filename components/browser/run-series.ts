/** Starts a series after asking for the names of what it would destroy. */

import { askNames, type Threat } from './ask-name.ts';
import { ask } from './runner.ts';
import { store } from './store.ts';

export interface Wanted {
  what: string[];
  to?: string;
  stale?: boolean;
  subjects?: string[];
}

export async function runSeries(wanted: Wanted): Promise<void> {
  if (!store.book) return;
  const threats = threatsOf(wanted);
  const destroy = threats.length > 0 ? await askNames(threats) : [];
  if (!destroy) return;
  await ask({ type: 'series', ...wanted, book: store.book.digest, ...(destroy.length > 0 && { destroy }) });
}

function threatsOf({ what, to, stale, subjects }: Wanted): Threat[] {
  const steps = (store.book?.steps ?? []).filter(
    ({ id, chapter }) => what.length === 0 || what.includes(chapter) || what.includes(id),
  );
  const end = to === undefined ? steps.length : steps.findIndex(({ id }) => id === to) + 1;
  return steps.slice(0, end).flatMap(({ id, destroys }) =>
    (destroys ? store.cellsOf(id) : [])
      .filter(({ status }) => (stale ? status === 'stale' : status !== 'done'))
      .filter(({ subject }) => !subjects || subjects.includes(subject))
      .map(({ subject }) => ({ step: id, subject, destroys: destroys ?? '' })),
  );
}
