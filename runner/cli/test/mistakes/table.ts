/** The table "What can go wrong" of a chapter, as a reader uses it: by what he sees. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKOUT } from '../../context.ts';

/** The row whose first column has these words as code, if it says what to do. */
export function rowOf(
  chapter: string,
  words: string,
  docs = join(CHECKOUT, 'content', 'docs'),
): string | undefined {
  const [part, name] = chapter.split('/');
  const [file] = globSync(`${part}/[0-9]*-${name}.mdx`, { cwd: docs });
  if (!file) return undefined;
  const section = readFileSync(join(docs, file), 'utf8').split('\n## What can go wrong\n')[1] ?? '';
  return section.split('\n').find(line => {
    const [, seen = '', means = '', todo = ''] = line.split(/(?<!\\) ?\| ?/);
    return seen.includes(`\`${words}\``) && means.trim() !== '' && todo.trim() !== '';
  });
}

/** An ellipsis stands for anything, and a blank for any space: a terminal may have broken the line. */
export function patternOf(words: string): RegExp {
  const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/\s+/g, '\\s+');
  return new RegExp(words.split('…').map(literal).join('[\\s\\S]{0,300}?'));
}
