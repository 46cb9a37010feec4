/** Reads one word: quotes, expansions and substitutions, up to the first character that ends it. */
import { readScript } from './parse.ts';
import { type Reader, readerOf } from './reader.ts';
import type { Script, Word } from './tree.ts';

interface Parts {
  value: string;
  substitutions: Script[];
  literals: string[];
}

const ENDS = /[\s;&|<>()]/;

/** The word at the reader's position; empty when none begins there. */
export function readWord(reader: Reader): Word {
  const at = reader.at;
  const parts: Parts = { value: '', substitutions: [], literals: [] };
  while (!reader.done) {
    const c = reader.peek();
    if ((c === '<' || c === '>') && reader.peek(1) === '(' && reader.at === at) {
      reader.skip(2);
      parts.substitutions.push(reader.script(')'));
      parts.value = reader.text.slice(at, reader.at);
    } else if (c === '(' && /^[A-Za-z_]\w*\+?=$/.test(parts.value)) readArray(reader, parts);
    else if (ENDS.test(c)) break;
    else readPiece(reader, parts);
  }
  return { at, raw: reader.text.slice(at, reader.at), ...parts };
}

function readPiece(reader: Reader, parts: Parts): void {
  const c = reader.peek();
  if (c === "'") readSingle(reader, parts);
  else if (c === '"') readDouble(reader, parts);
  else if (c === '\\') readEscape(reader, parts);
  else if (c === '$' && reader.peek(1) === "'") readAnsi(reader, parts);
  else if (c === '$' || c === '`') readExpansion(reader, parts);
  else parts.value += reader.take();
}

function readSingle(reader: Reader, parts: Parts): void {
  reader.skip(1);
  const literal = reader.until("'");
  parts.literals.push(literal);
  parts.value += literal;
}

function readAnsi(reader: Reader, parts: Parts): void {
  reader.skip(2);
  while (!reader.done && reader.peek() !== "'") {
    if (reader.peek() === '\\') parts.value += reader.take();
    parts.value += reader.take();
  }
  reader.skip(1);
}

function readEscape(reader: Reader, parts: Parts): void {
  reader.skip(1);
  if (reader.peek() === '\n') reader.skip(1);
  else parts.value += reader.take();
}

function readDouble(reader: Reader, parts: Parts): void {
  reader.skip(1);
  while (!reader.done && reader.peek() !== '"') {
    const c = reader.peek();
    if (c === '\\' && /[$`"\\\n]/.test(reader.peek(1))) readEscape(reader, parts);
    else if (c === '$' || c === '`') readExpansion(reader, parts);
    else parts.value += reader.take();
  }
  reader.skip(1);
}

/** `$X`, `${…}`, `$(…)`, `$((…))` or backticks; kept as written. */
export function readExpansion(reader: Reader, parts: Parts): void {
  const at = reader.at;
  if (reader.peek() === '`') {
    reader.skip(1);
    parts.substitutions.push(readScript(readerOf(reader.untilBacktick(), at + 1), []));
  } else if (reader.startsWith('$((')) {
    reader.skip(3);
    reader.balanced('(', ')', 2);
  } else if (reader.startsWith('$(')) {
    reader.skip(2);
    parts.substitutions.push(reader.script(')'));
  } else if (reader.startsWith('${')) {
    reader.skip(2);
    readBraces(reader, parts);
  } else reader.skip(1);
  parts.value += reader.text.slice(at, reader.at);
}

/** The rest of `${…}`, in which quotes and expansions can nest. */
function readBraces(reader: Reader, parts: Parts): void {
  const inner: Parts = { value: '', substitutions: parts.substitutions, literals: parts.literals };
  while (!reader.done && reader.peek() !== '}') readPiece(reader, inner);
  reader.skip(1);
}

function readArray(reader: Reader, parts: Parts): void {
  const at = reader.at;
  reader.skip(1);
  while (!reader.done && reader.peek() !== ')') {
    reader.blanks(true);
    const word = readWord(reader);
    parts.substitutions.push(...word.substitutions);
    if (word.raw === '' && reader.peek() !== ')') reader.skip(1);
  }
  reader.skip(1);
  parts.value += reader.text.slice(at, reader.at);
}
