/** From text to tree: lists, pipelines, compound commands, redirections. Never throws and always comes to an end. */
import { Reader } from './reader.ts';
import type { Command, Pipeline, Redirect, Script, Word } from './tree.ts';
import { readWord } from './word.ts';

export const parseShell = (text: string): Script => readScript(new Reader(text), []);

/** Words that only join commands; at the beginning of a command they are stepped over. */
const JOINING = new Set(['if', 'then', 'elif', 'else', 'while', 'until', 'do', '!', 'time', 'function']);
const CLOSING = new Set(['fi', 'done', 'esac', '}']);
/** Which word ends what a compound command holds. */
const OPENING = new Map([
  ['if', 'fi'],
  ['while', 'done'],
  ['until', 'done'],
  ['for', 'done'],
  ['select', 'done'],
  ['case', 'esac'],
  ['{', '}'],
]);

/** Up to one of the closing characters or reserved words, which is left standing; without any, to the end. */
export function readScript(reader: Reader, closes: readonly string[]): Script {
  const pipelines: Pipeline[] = [];
  let piped = false;
  for (;;) {
    reader.blanks(true);
    if (reader.done || closes.some(close => isAt(reader, close))) return { pipelines };
    const before = reader.at;
    const operator = readOperator(reader);
    if (operator) piped = operator === '|' || operator === '|&';
    else {
      const command = readCommand(reader);
      const last = pipelines.at(-1);
      if (command && piped && last) last.commands.push(command);
      else if (command) pipelines.push({ commands: [command] });
      if (command) piped = false;
    }
    if (reader.at === before) reader.skip(1);
  }
}

function readOperator(reader: Reader): string | undefined {
  const operator = /^(?:\|\||&&|;;&?|;&|\|&|\||;|&(?!>))/.exec(
    reader.text.slice(reader.at, reader.at + 3),
  )?.[0];
  if (operator) reader.skip(operator.length);
  return operator;
}

function isAt(reader: Reader, close: string): boolean {
  if (!reader.startsWith(close)) return false;
  return !/^[a-z}]/.test(close) || /^$|[\s;&|<>)]/.test(reader.peek(close.length));
}

function readCommand(reader: Reader): Command | null {
  const command: Command = { at: reader.at, assignments: [], words: [], redirects: [] };
  const word = reservedWord(reader);
  if (reader.startsWith('((')) {
    reader.skip(2);
    reader.balanced('(', ')', 2);
  } else if (reader.peek() === '(') {
    reader.skip(1);
    command.subshell = true;
    command.body = reader.script(')');
  } else if (word && OPENING.has(word)) readCompound(reader, word, OPENING.get(word) as string, command);
  else if (word && (JOINING.has(word) || CLOSING.has(word))) {
    reader.skip(word.length);
    return null;
  } else return readSimple(reader, command);
  readTail(reader, command);
  return command;
}

const reservedWord = (reader: Reader): string | undefined =>
  /^(?:[a-z]+|[{}!])(?=[\s;&|<>()]|$)/.exec(reader.text.slice(reader.at, reader.at + 12))?.[0];

function readCompound(reader: Reader, word: string, close: string, command: Command): void {
  reader.skip(word.length);
  if (word === 'for' || word === 'select' || word === 'case') {
    reader.blanks();
    if (reader.startsWith('((')) {
      reader.skip(2);
      reader.balanced('(', ')', 2);
    } else readWords(reader, command, word === 'case');
  }
  command.body = word === 'case' ? readCases(reader) : readScript(reader, [close]);
  if (reader.startsWith(close)) reader.skip(close.length);
}

/** The words of `for x in …` and of `case x in`. */
function readWords(reader: Reader, command: Command, untilIn: boolean): void {
  for (;;) {
    reader.blanks();
    if (reader.done || /[\n;&|()]/.test(reader.peek())) return;
    const word = readWord(reader);
    if (word.raw === '') reader.skip(1);
    else command.words.push(word);
    if (untilIn && word.raw === 'in') return;
  }
}

/** `pattern) list ;;` up to `esac`. */
function readCases(reader: Reader): Script {
  const all: Script = { pipelines: [] };
  for (;;) {
    reader.blanks(true);
    if (reader.done || isAt(reader, 'esac')) return all;
    while (!reader.done && reader.peek() !== ')') {
      if (readWord(reader).raw === '') reader.skip(1);
    }
    reader.skip(1);
    all.pipelines.push(...readScript(reader, [';;', ';&', 'esac']).pipelines);
    if (/^;[;&]/.test(reader.text.slice(reader.at, reader.at + 2)))
      reader.skip(reader.startsWith(';;&') ? 3 : 2);
  }
}

function readSimple(reader: Reader, command: Command): Command {
  for (;;) {
    reader.blanks();
    if (readRedirect(reader, command)) continue;
    if (reader.done || /[\n;&|()]/.test(reader.peek())) break;
    if (command.words.length === 0 && reader.startsWith('[[')) {
      readConditional(reader, command);
      continue;
    }
    const word = readWord(reader);
    if (word.raw === '') break;
    addWord(command, word);
  }
  if (reader.peek() === '(' && command.words.length === 1) readFunction(reader, command);
  return command;
}

function addWord(command: Command, word: Word): void {
  const match = command.words.length === 0 ? /^([A-Za-z_]\w*)\+?=/.exec(word.raw) : null;
  if (!match?.[1]) command.words.push(word);
  else {
    const cut = match[0].length;
    const value = { ...word, at: word.at + cut, raw: word.raw.slice(cut), value: word.value.slice(cut) };
    command.assignments.push({ at: word.at, name: match[1], value });
  }
}

/** `[[ … ]]`: one word, for `<`, `>` and `(` mean other things in it. */
function readConditional(reader: Reader, command: Command): void {
  const at = reader.at;
  const substitutions: Script[] = [];
  while (!reader.done && !reader.startsWith(']]')) {
    const word = readWord(reader);
    substitutions.push(...word.substitutions);
    if (word.raw === '') reader.skip(1);
  }
  reader.skip(2);
  const raw = reader.text.slice(at, reader.at);
  command.words.push({ at, raw, value: '[[', substitutions, literals: [] });
}

/** `name() { … }`: its body is what a call would run. */
function readFunction(reader: Reader, command: Command): void {
  reader.skip(1);
  reader.until(')');
  reader.blanks(true);
  const body = readCommand(reader);
  command.body = { pipelines: body ? [{ commands: [body] }] : [] };
}

/** Redirections after a compound command. */
function readTail(reader: Reader, command: Command): void {
  do reader.blanks();
  while (readRedirect(reader, command));
}

const OPERATOR = /(\d*)(&>>|&>|<<<|<<-|<<|<>|<&|<(?!\()|>>|>\||>&|>(?!\())/y;

function readRedirect(reader: Reader, command: Command): boolean {
  OPERATOR.lastIndex = reader.at;
  const match = OPERATOR.exec(reader.text);
  if (!match?.[2]) return false;
  const at = reader.at;
  const operator = match[2];
  reader.skip(match[0].length);
  reader.blanks();
  const target = readWord(reader);
  const fd = match[1] ? Number(match[1]) : operator.startsWith('<') ? 0 : 1;
  const redirect: Redirect = { at, fd, operator, target };
  command.redirects.push(redirect);
  if (operator === '<<' || operator === '<<-')
    reader.expect({
      word: target.value,
      quoted: target.raw !== target.value,
      indented: operator === '<<-',
      give: document => {
        redirect.hereDocument = document;
      },
    });
  return true;
}
