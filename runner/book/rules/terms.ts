/** Rule `term`: a word that the text marks as a term is in the glossary, under this spelling. Capitals are free. */
import type { CompiledChapter } from '../chapter.ts';
import type { Finding } from '../finding.ts';

/** `spellings`: every name that the glossary knows, other spellings included. */
export const terms = (spellings: readonly string[]) => {
  const known = new Set(spellings.map(toKey));
  return (chapter: CompiledChapter): Finding[] =>
    chapter.parsed.terms
      .filter(term => !known.has(toKey(term.name)))
      .map(({ name, place }) => ({
        place,
        rule: 'term',
        what: `"${name}" is not in the glossary`,
        why: 'the page would have nothing to say about it, and is not built',
        mend: "add it to content/glossary.yaml, or its spelling to a word's `also`",
      }));
};

const toKey = (name: string): string => name.trim().toLowerCase();
