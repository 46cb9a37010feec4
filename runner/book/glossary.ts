/** `content/glossary.yaml`: one source for the glossary page, the definitions that terms show in the text, and lint. */
import { existsSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';

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

const termId = (term: string): string => term.toLowerCase().replace(/[^a-z0-9]+/g, '-');

/** The terms in alphabetical order; none where there is no file. Throws when one points to a term that is not there. */
export function readGlossary(file: string): GlossaryTerm[] {
  if (!existsSync(file)) return [];
  const entries = (parse(readFileSync(file, 'utf8')) ?? {}) as Record<string, Entry>;
  const terms = Object.entries(entries).map(([term, entry]) => toTerm(term, entry));
  const known = new Set(terms.map(term => term.id));
  for (const term of terms) {
    const lost = term.see.find(id => !known.has(id));
    if (lost) throw new Error(`${file}: "${term.term}" points to "${lost}", which is not in the glossary`);
  }
  return terms.sort((a, b) => a.term.localeCompare(b.term, 'en', { sensitivity: 'base' }));
}

function toTerm(term: string, entry: Entry): GlossaryTerm {
  const { text, also = [], see = [] } = typeof entry === 'string' ? { text: entry } : entry;
  return { id: termId(term), term, also, text: text.trim(), see: see.map(termId) };
}

/** Finds a term by its name, another spelling, or either with other capitals. */
export function findTerm(glossary: GlossaryTerm[], name: string): GlossaryTerm | undefined {
  const wanted = name.trim().toLowerCase();
  return glossary.find(term => [term.term, ...term.also].some(spelling => spelling.toLowerCase() === wanted));
}
