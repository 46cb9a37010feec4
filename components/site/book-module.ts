/** `virtual:book`: the book as data, for components: see `virtual.d.ts` for what there is. */
import type { Plugin } from 'vite';

export function bookModule(exports: Record<string, unknown>): Plugin {
  const id = 'virtual:book';
  const code = Object.entries(exports)
    .map(([name, value]) => `export const ${name} = ${JSON.stringify(value)};`)
    .join('\n');
  return {
    name: 'book-module',
    resolveId: { filter: { id: /^virtual:book$/ }, handler: () => `\0${id}` },
    load: { filter: { id: /^\0virtual:book$/ }, handler: () => code },
  };
}
