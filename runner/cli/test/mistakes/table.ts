/** The table "What can go wrong" of a chapter, as a reader uses it: by what he sees. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKOUT } from '../../context.ts';

/** What the row says to do whose first column has these words as code, if it says something. */
export function todoOf(
  chapter: string,
  words: string,
  docs = join(CHECKOUT, 'content', 'docs'),
): string | undefined {
  const [part, name] = chapter.split('/');
  const [file] = globSync(`${part}/[0-9]*-${name}.mdx`, { cwd: docs });
  if (!file) return undefined;
  const section = readFileSync(join(docs, file), 'utf8').split('\n## What can go wrong\n')[1] ?? '';
  const rows = section.split('\n').map(line => line.split(/(?<!\\) ?\| ?/));
  const row = rows.find(([, seen = '', means = '', todo = '']) => {
    return seen.includes(`\`${words}\``) && means.trim() !== '' && todo.trim() !== '';
  });
  return row?.[3];
}

/** An ellipsis stands for anything, and a blank for any space: a terminal may have broken the line. */
export function patternOf(words: string): RegExp {
  const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/\s+/g, '\\s+');
  return new RegExp(words.split('…').map(literal).join('[\\s\\S]{0,300}?'));
}
