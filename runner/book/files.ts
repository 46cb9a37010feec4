/**
 * The one form in which a step writes a file:
 *
 *     sudo install -D -m MODE -o OWNER -g GROUP /dev/stdin PATH <<EOF
 *     …
 *     EOF
 *
 * On the workstation the same without `sudo`, `-o` and `-g` may be written, for files of the reader's own.
 * The body may hold `$KFS_…` and nothing else that the shell expands, so that "Files and ports" and the Ignition
 * config of a new machine can be made from it.
 */
import type { WrittenFile } from './manifest.ts';

/** The opening line: words that the form allows, each once, in this order. PATH may hold `$KFS_…`. */
const OPENING =
  /^(sudo )?install -D -m (0[0-7]{3})(?: -o ([\w.$-]+) -g ([\w.$-]+))? \/dev\/stdin ("?)((?:\/|\$)[^\s"'`;|&<>()]+)\5 <<('?)(\w+)\7$/;

export interface ReadFile extends Omit<WrittenFile, 'place'> {
  /** Line of the opening within the text, from 0. */
  line: number;
  /** Line of the closing word. */
  endLine: number;
  sudo: boolean;
  /** Written with `<<'EOF'`: the shell expands nothing in the body. */
  quoted: boolean;
}

/** Every file that the text writes in the one form, in order. What is written otherwise is the lint's matter. */
export function readFiles(text: string): ReadFile[] {
  const lines = text.split('\n');
  const files: ReadFile[] = [];
  for (let line = 0; line < lines.length; line++) {
    const match = OPENING.exec(lines[line] as string);
    if (!match) continue;
    const endLine = lines.indexOf(match[8] as string, line + 1);
    if (endLine < 0) break;
    files.push(toFile(match, lines, line, endLine));
    line = endLine;
  }
  return files;
}

/** Its rights and its path, as a command within another writes it: `ssh … sudo install … /dev/stdin PATH < FILE`. */
const SENT =
  /\binstall -D -m (0[0-7]{3}) -o ([\w.$-]+) -g ([\w.$-]+) \/dev\/stdin ["']?((?:\/|\$)[^\s"'`;|&<>()]+)["']?(?=[\s)]|$)(?! <<)/g;

export type SentFile = Pick<WrittenFile, 'path' | 'mode' | 'owner' | 'group'>;

/** Files whose content comes from a pipe or another file, on the machine to which the command goes. */
export function readSentFiles(text: string): SentFile[] {
  const whole = text.replaceAll(/\s*\\\n\s*/g, ' ');
  return [...whole.matchAll(SENT)].map(([, mode = '', owner = '', group = '', path = '']) => ({
    path,
    mode,
    owner,
    group,
  }));
}

function toFile(match: RegExpExecArray, lines: string[], line: number, endLine: number): ReadFile {
  const body = lines.slice(line + 1, endLine);
  return {
    path: match[6] as string,
    mode: match[2] as string,
    owner: match[3] ?? '',
    group: match[4] ?? '',
    body: body.length === 0 ? '' : asUnquoted(`${body.join('\n')}\n`, match[7] === "'"),
    line,
    endLine,
    sudo: match[1] !== undefined,
    quoted: match[7] === "'",
  };
}

/** The body of a quoted here-document as it would be written in an unquoted one: one meaning for all readers. */
const asUnquoted = (body: string, quoted: boolean): string =>
  quoted ? body.replace(/[\\$`]/g, '\\$&') : body;

/**
 * The file as the shell would write it: `$KFS_X` and `${KFS_X}` replaced, a backslash before `$`, a backtick, a
 * backslash or a line end taken away. A variable without a value stays as it is written.
 */
export function expandBody(body: string, values: Readonly<Record<string, string>>): string {
  return body.replace(
    /\\([\\$`]|\n)|\$(?:(KFS_[A-Z0-9_]+)|\{(KFS_[A-Z0-9_]+)\})/g,
    (whole, escaped?: string, bare?: string, braced?: string) =>
      escaped === undefined ? (values[bare ?? braced ?? ''] ?? whole) : escaped === '\n' ? '' : escaped,
  );
}
