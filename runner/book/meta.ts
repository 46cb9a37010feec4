/**
 * Reads what follows the language word of a fence: `step="id" on="first" reboots`. Pure; it knows no attribute by
 * name. Columns count within the given text, from 0.
 */

export interface MetaAttribute {
  name: string;
  /** `true` for a bare word. */
  value: string | true;
  at: number;
}

export interface Meta {
  attributes: MetaAttribute[];
  /** What cannot be read, with its position. */
  problems: { what: string; at: number }[];
}

const ATTRIBUTE = /([A-Za-z][\w-]*)(?:=("[^"]*"|'[^']*'|[^\s"']+))?(?=\s|$)/y;

export function parseMeta(text: string): Meta {
  const meta: Meta = { attributes: [], problems: [] };
  for (let at = skipBlanks(text, 0); at < text.length; at = skipBlanks(text, at)) {
    ATTRIBUTE.lastIndex = at;
    const match = ATTRIBUTE.exec(text);
    if (match?.[1]) {
      meta.attributes.push({ name: match[1], value: unquote(match[2]), at });
      at = ATTRIBUTE.lastIndex;
    } else {
      const word = /^\S*/.exec(text.slice(at))?.[0] ?? '';
      meta.problems.push({ what: `\`${word}\` cannot be read as an attribute`, at });
      at += word.length;
    }
  }
  return meta;
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && /\s/.test(text[at] as string)) at++;
  return at;
}

function unquote(value: string | undefined): string | true {
  if (value === undefined) return true;
  return /^["']/.test(value) ? value.slice(1, -1) : value;
}
