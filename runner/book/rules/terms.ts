/** Rule `term`: a word that the text marks as a term is in the glossary, under this spelling. Capitals are free. */
import type { CompiledChapter } from '../chapter.ts';
import type { Finding } from '../finding.ts';
import { findTerm, type GlossaryTerm } from '../glossary.ts';

export const terms =
  (glossary: GlossaryTerm[]) =>
  (chapter: CompiledChapter): Finding[] =>
    chapter.parsed.terms
      .filter(term => !findTerm(glossary, term.name))
      .map(({ name, place }) => ({
        place,
        rule: 'term',
        what: `"${name}" is not in the glossary`,
        why: 'the page would have nothing to say about it, and is not built',
        mend: "add it to content/glossary.yaml, or its spelling to a word's `also`",
      }));
