/** Which suites are run. */
import { KfsError } from '../../errors.ts';
import type { Suite } from './suite.ts';

/**
 * Those that are named, else all that are for every day and the slow ones of `more`, or with `full` all. Throws for a
 * name that no suite has.
 */
export function chooseSuites(suites: Suite[], names: string[], full = false, more: string[] = []): Suite[] {
  const known = suites.map(({ name }) => name);
  const unknown = [...names, ...more].filter(name => !known.includes(name));
  if (unknown.length > 0) {
    const next = `suites are ${known.join(', ')}`;
    throw new KfsError('usage', `there is no suite ${unknown.join(', ')}`, { next });
  }
  if (names.length > 0) return suites.filter(({ name }) => [...names, ...more].includes(name));
  return suites.filter(suite => full || !suite.full || more.includes(suite.name));
}
