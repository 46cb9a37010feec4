/** Which program a command runs, behind `sudo` and the like, and the scripts that it is given as text. */
import { parseShell } from './parse.ts';
import type { Command, Script, Word } from './tree.ts';

export interface Program {
  /** Base name: `cat` for `/usr/bin/cat`; as written when it holds an expansion. */
  name: string;
  /** As written. */
  path: string;
  args: Word[];
  sudo: boolean;
}

/** Options that take the next word, of the programs that run another. */
const PREFIXES = new Map<string, RegExp>([
  ['sudo', /^-(u|g|h|p|C|T|R|D|r|t|U)$|^--(user|group|host|chdir)$/],
  ['env', /^-(u|C|S)$/],
  ['command', /^$/],
  ['exec', /^-a$/],
  ['nice', /^-n$/],
  ['ionice', /^-(c|n)$/],
  ['nohup', /^$/],
  ['setsid', /^$/],
  ['stdbuf', /^-(i|o|e)$/],
  ['timeout', /^-(k|s)$/],
  ['chroot', /^$/],
  ['xargs', /^-(n|I|L|P|d|s|a)$/],
  ['systemd-run', /^-(p|u|E|M)$/],
]);
/** How many words of its own follow the options. */
const OWN_WORDS = new Map([
  ['timeout', 1],
  ['chroot', 1],
]);

/** null for a command without words: an assignment, a group. */
export function programOf(command: Command): Program | null {
  let words = command.words;
  let sudo = false;
  for (;;) {
    const first = words[0];
    if (!first) return null;
    const name = /[$`]/.test(first.value) ? first.value : (first.value.split('/').at(-1) ?? '');
    const takes = PREFIXES.get(name);
    const rest = takes ? behind(words.slice(1), takes, OWN_WORDS.get(name) ?? 0) : [];
    if (!takes || rest.length === 0) return { name, path: first.value, args: words.slice(1), sudo };
    if (name === 'sudo') sudo = true;
    words = rest;
  }
}

function behind(words: Word[], takes: RegExp, own: number): Word[] {
  let at = 0;
  while (at < words.length) {
    const value = words[at]?.value ?? '';
    if (value === '--') return words.slice(at + 1 + own);
    if (takes.test(value)) at += 2;
    else if (value.startsWith('-') || /^[A-Za-z_]\w*=/.test(value)) at += 1;
    else break;
  }
  return words.slice(at + own);
}

const SSH_TAKES = /^-[BbcDEeFIiJLlmOoPpQRSWw]$/;
export const SHELLS = ['sh', 'bash', 'dash', 'zsh', 'ksh'];

/** Scripts given as text: `ssh host '…'`, `sh -c '…'`, and what a here-document feeds to either. */
export function givenScripts(command: Command): Script[] {
  const program = programOf(command);
  if (!program) return [];
  const { name, args } = program;
  if (name !== 'ssh' && !SHELLS.includes(name) && name !== 'su') return [];
  const texts =
    name === 'ssh'
      ? [
          behind(args, SSH_TAKES, 1)
            .map(word => word.value)
            .join(' '),
        ]
      : [afterC(args)];
  const fed = command.redirects.flatMap(redirect => redirect.hereDocument?.body ?? []);
  return [...texts, ...fed].filter(text => text.trim() !== '').map(parseShell);
}

function afterC(args: Word[]): string {
  const at = args.findIndex(word => /^-[a-z]*c$/.test(word.value));
  return at < 0 ? '' : (args[at + 1]?.value ?? '');
}

/** Arguments that are no options. */
export const operands = (args: readonly Word[]): Word[] => args.filter(word => !/^-./.test(word.value));
