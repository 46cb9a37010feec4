/** `virtual:book`: the outline and the glossary as data, for components. */
import type { Plugin } from 'vite';
import type { GlossaryTerm } from './glossary.ts';
import type { ShownOutline } from './outline.ts';

export function bookModule(outline: ShownOutline, glossary: GlossaryTerm[]): Plugin {
  const id = 'virtual:book';
  const code = `export const outline = ${JSON.stringify(outline)};\nexport const glossary = ${JSON.stringify(glossary)};`;
  return {
    name: 'book-module',
    resolveId: { filter: { id: /^virtual:book$/ }, handler: () => `\0${id}` },
    load: { filter: { id: /^\0virtual:book$/ }, handler: () => code },
  };
}
