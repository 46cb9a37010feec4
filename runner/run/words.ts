/** Output as a person reads it in a reason. */
import { stripVTControlCharacters } from 'node:util';

/** The end of a text, at most so many bytes, beginning with a whole character. */
export function tail(text: string, bytes: number): string {
  const all = Buffer.from(text);
  if (all.length <= bytes) return text;
  let start = all.length - bytes;
  while (start < all.length && (all[start]! & 0xc0) === 0x80) start++;
  return all.subarray(start).toString();
}

/** The line in which bash tells which command ended a script (machine/supervisor/tell.sh). */
const TOLD = /^line \d+: /;

/**
 * The last line that says something, without control characters, at most 200 characters. What a failed program has
 * said comes before the command that it was, in parentheses. In a list, what is marked as well (✔) is no reason.
 */
export function lastLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is taken out
  const plain = stripVTControlCharacters(text).replace(/[\0-\x09\x0b-\x1f\x7f]/g, ' ');
  const lines = plain.split('\n').map(line => line.trim());
  const said = lines.filter(line => line !== '');
  const wrong = said.filter(line => !line.startsWith('✔'));
  const [before, last = ''] = ['', ...(wrong.length > 0 ? wrong : said)].slice(-2).map(atMost);
  return before && TOLD.test(last) ? `${before} (${last})` : last;
}

const atMost = (line: string): string => line.slice(0, 200);
