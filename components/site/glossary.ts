/** The book's glossary as its pages show it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type GlossaryTerm, readGlossary } from '../../runner/book/glossary.ts';
import { typographic } from './outline.ts';
import type { SiteSettings } from './settings.ts';

/** From the book's folder, which holds `content` or is a folder of chapters beside the file. */
export function glossaryOf({ book, docs }: SiteSettings): GlossaryTerm[] {
  const files = [join(book, 'content', 'glossary.yaml'), join(docs, '..', 'glossary.yaml')];
  const terms = readGlossary(files.find(existsSync) ?? files[0]!);
  return terms.map(term => ({ ...term, text: typographic(term.text) }));
}
