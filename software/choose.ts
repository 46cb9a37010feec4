/** Which components a command is about. */
import { KfsError } from '../runner/errors.ts';
import type { Component } from './component.ts';

/** Those named; nothing is all but the optional ones. Throws `usage` for a name that no component has. */
export function choose(all: Component[], names: string[]): Component[] {
  for (const name of names) {
    if (all.some(component => component.name === name)) continue;
    throw new KfsError('usage', `there is no component ${name}`, {
      next: all.map(component => component.name).join(', '),
    });
  }
  return all.filter(({ name, optional }) => (names.length === 0 ? !optional : names.includes(name)));
}
