/** What a row of the table tells the reader to do, as far as it can be done as it is printed. */

/** A command, with where it is typed; or a section of the chapter, whose steps are run again. */
export type Deed = { command: string; on: 'machine' | 'workstation' } | { section: string };

const ON_WORKSTATION = ['kfs', 'kubectl'];
const ON_MACHINE = ['sudo', 'systemctl', 'journalctl', 'openssl', 'curl'];

/** A section is named in slanted letters or by a link, behind the word "run"; code is taken for what it begins with. */
const SECTION_OR_CODE = /\brun (?:\*([^*]+)\*|\[([^\]]+)\]\(#[^)]*\))|`([^`]+)`/gi;

/** In the order of the text. What a person must put in himself is none: `kfs pki restore … --only …`. */
export function deedsOf(todo: string): Deed[] {
  return [...todo.matchAll(SECTION_OR_CODE)].flatMap(([, slanted, linked, code]) => {
    const section = slanted ?? linked;
    if (section !== undefined) return [{ section }];
    return commandOf(code?.replaceAll('\\|', '|') ?? '');
  });
}

function commandOf(code: string): Deed[] {
  const command = code.replace(/^\.\//, '');
  const [program = '', ...words] = command.split(' ');
  if (words.length === 0 || command.includes('…')) return [];
  if (ON_WORKSTATION.includes(program)) return [{ command, on: 'workstation' }];
  return ON_MACHINE.includes(program) ? [{ command, on: 'machine' }] : [];
}
