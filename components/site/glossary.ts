/** `content/glossary.yaml`: one source for the glossary page and for the definitions that terms show in the text. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { typographic } from './outline.ts';
import type { SiteSettings } from './settings.ts';

export interface GlossaryTerm {
  /** Anchor on the glossary page. */
  id: string;
  term: string;
  /** Other spellings under which the text may name it: plural, abbreviation. */
  also: string[];
  /** One or two sentences; plain text with `code` in backticks. */
  text: string;
  /** Ids of related terms. */
  see: string[];
}

type Entry = string | { text: string; also?: string[]; see?: string[] };

export const termId = (term: string): string => term.toLowerCase().replace(/[^a-z0-9]+/g, '-');

export function readGlossary(site: SiteSettings): GlossaryTerm[] {
  const file = [join(site.book, 'content', 'glossary.yaml'), join(site.docs, '..', 'glossary.yaml')].find(
    existsSync,
  );
  if (!file) return [];
  const terms = Object.entries(parse(readFileSync(file, 'utf8')) as Record<string, Entry>).map(
    ([term, entry]) => {
      const full = typeof entry === 'string' ? { text: entry } : entry;
      return {
        id: termId(term),
        term,
        also: full.also ?? [],
        text: typographic(full.text.trim()),
        see: (full.see ?? []).map(termId),
      };
    },
  );
  const known = new Set(terms.map(term => term.id));
  for (const term of terms) {
    const lost = term.see.find(id => !known.has(id));
    if (lost) throw new Error(`${file}: "${term.term}" points to "${lost}", which is not in the glossary`);
  }
  return terms.sort((a, b) => a.term.localeCompare(b.term, 'en', { sensitivity: 'base' }));
}

/** Finds a term by its name, another spelling, or either with other capitals. */
export function findTerm(glossary: GlossaryTerm[], name: string): GlossaryTerm | undefined {
  const wanted = name.trim().toLowerCase();
  return glossary.find(term => [term.term, ...term.also].some(spelling => spelling.toLowerCase() === wanted));
}
