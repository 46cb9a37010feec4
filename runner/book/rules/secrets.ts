/**
 * Rule `secret`: no step prints a secret, for what is printed is in the transcript, on the page and in the recorded
 * run; and none puts a secret on a command line, where every user of the machine can read it.
 *
 * A heuristic, and it says so: it knows secrets by the names of their files and by the programs that print them,
 * follows them through pipes, groups, substitutions, variables and scripts given to `ssh` and `sh -c`, and calls the
 * end of a pipeline that is not redirected the terminal. It does not see what a program prints of its own accord,
 * nor a secret in a file with an innocent name.
 */
import type { Finding } from '../finding.ts';
import { givenScripts, programOf, SHELLS } from '../shell/program.ts';
import { type Command, commandsOf, type Pipeline, type Script, type Word } from '../shell/tree.ts';
import type { StepText } from './rule.ts';
import { passesOn, secretPrintedBy } from './secret-sources.ts';

/** Names of variables that hold a secret, and of which one. */
type Tainted = Map<string, string>;

export function secrets({ script, at }: StepText): Finding[] {
  const tainted: Tainted = new Map();
  for (const command of commandsOf(script)) noteTainted(command, tainted);
  return [
    ...script.pipelines.flatMap(pipeline => {
      const printed = printedBy(pipeline, tainted);
      return printed ? [{ ...printFinding(printed.what), place: at(printed.command.at) }] : [];
    }),
    ...[...commandsOf(script)].flatMap(command => {
      const traces = tracesOf(command);
      if (traces) return [{ ...traceFinding(traces), place: at(command.at) }];
      const word = argumentWithSecret(command, tainted);
      return word
        ? [{ ...argumentFinding(word.what, programOf(command)?.name ?? ''), place: at(word.at) }]
        : [];
    }),
  ];
}

interface Printed {
  command: Command;
  what: string;
}

/** What the pipeline's end gives to its standard output of a secret. */
function printedBy(pipeline: Pipeline, tainted: Tainted): Printed | null {
  let flowing: Printed | null = null;
  for (const command of pipeline.commands) flowing = printedAfter(command, flowing, tainted);
  return flowing;
}

function printedAfter(command: Command, before: Printed | null, tainted: Tainted): Printed | null {
  if (leavesElsewhere(command)) return null;
  const inside = command.body && firstPrinted(command.body, tainted);
  if (inside) return inside;
  const own = ownOutput(command, tainted);
  if (own) return { command, what: own };
  return before && (passesOn(command) || command.body) ? before : null;
}

function ownOutput(command: Command, tainted: Tainted): string | null {
  const printed = secretPrintedBy(command) ?? printedByAny(givenScripts(command), tainted);
  if (printed) return printed;
  const name = programOf(command)?.name ?? '';
  if (name === 'echo' || name === 'printf') return firstSecret(command.words, tainted);
  if (!passesOn(command)) return null;
  const fed = command.redirects.filter(redirect => redirect.operator.startsWith('<<'));
  const targets = fed.map(redirect => redirect.target);
  const inBodies = fed.flatMap(one => one.hereDocument?.substitutions ?? []);
  return firstSecret(targets, tainted) ?? printedByAny(inBodies, tainted);
}

const printedByAny = (scripts: readonly Script[], tainted: Tainted): string | null =>
  scripts.map(script => firstPrinted(script, tainted)?.what).find(what => what !== undefined) ?? null;

function firstPrinted(script: Script, tainted: Tainted): Printed | null {
  for (const pipeline of script.pipelines) {
    const printed = printedBy(pipeline, tainted);
    if (printed) return printed;
  }
  return null;
}

/** The first word that a secret expands in, by `$(…)` or by a variable. */
function firstSecret(words: readonly Word[], tainted: Tainted): string | null {
  for (const word of words) {
    const printed = printedByAny(word.substitutions, tainted);
    if (printed) return printed;
    const variable = variablesIn(word).find(name => tainted.has(name));
    if (variable) return tainted.get(variable) ?? null;
  }
  return null;
}

/** Variables that expand to their value: not `${#X}`, not in single quotes. */
function variablesIn(word: Word): string[] {
  const expanding = word.literals.reduce((text, literal) => text.replace(`'${literal}'`, ''), word.raw);
  return [...expanding.matchAll(/\$\{?(\w+)/g)].map(match => match[1] as string);
}

function noteTainted(command: Command, tainted: Tainted): void {
  for (const { name, value } of command.assignments) {
    const secret = firstSecret([value], tainted);
    if (secret) tainted.set(name, secret);
  }
  const program = programOf(command);
  if (program?.name !== 'read' && program?.name !== 'mapfile') return;
  const from = command.redirects.find(one => one.operator === '<' && secretPrintedBy(asCat(one.target)));
  const name = program.args.at(-1)?.value;
  if (from && name) tainted.set(name, from.target.value);
}

const asCat = (file: Word): Command => ({
  at: file.at,
  assignments: [],
  words: [{ at: file.at, raw: 'cat', value: 'cat', substitutions: [], literals: [] }, file],
  redirects: [],
});

/** Standard output goes to a file or to nowhere. */
const leavesElsewhere = (command: Command): boolean =>
  command.redirects.some(
    ({ fd, operator, target }) =>
      fd === 1 && operator.includes('>') && !/^(&?\d|\/dev\/(stdout|stderr|tty|fd\/.*))$/.test(target.value),
  );

/** `set -x` and the like print every value that a command gets. */
function tracesOf(command: Command): string | null {
  const program = programOf(command);
  if (!program) return null;
  const values = program.args.map(word => word.value);
  const traces = values.some(value => /^-[a-z]*x[a-z]*$/.test(value)) || values.includes('xtrace');
  if (traces && (program.name === 'set' || SHELLS.includes(program.name))) return `${program.name} -x`;
  return (
    givenScripts(command)
      .flatMap(script => [...commandsOf(script)])
      .map(tracesOf)
      .find(Boolean) ?? null
  );
}

/** The shell's own: their words are on no command line. */
const BUILTINS = [
  'echo',
  'printf',
  'test',
  '[',
  '[[',
  'read',
  'export',
  'local',
  'declare',
  'readonly',
  'true',
  ':',
];

function argumentWithSecret(command: Command, tainted: Tainted): { at: number; what: string } | null {
  const program = programOf(command);
  if (!program || BUILTINS.includes(program.name) || command.body) return null;
  for (const word of program.args) {
    const what = word.raw.startsWith('<(') ? null : firstSecret([word], tainted);
    if (what) return { at: word.at, what };
  }
  return null;
}

const printFinding = (what: string): Omit<Finding, 'place'> => ({
  rule: 'secret',
  what: `the step would print ${what}`,
  why: 'what is printed is kept in the transcript and shown on the page',
  mend: 'send it to where it is needed, or show something that proves it: its mode, its length, its public half',
});
const traceFinding = (what: string): Omit<Finding, 'place'> => ({
  rule: 'secret',
  what: `\`${what}\` prints every value that a command gets`,
  why: 'a secret among them would be kept in the transcript',
  mend: 'drop it',
});
const argumentFinding = (what: string, program: string): Omit<Finding, 'place'> => ({
  rule: 'secret',
  what: `${what} on the command line of \`${program}\``,
  why: 'every user of the machine can read command lines',
  mend: 'give it in a file of mode 0600 or on stdin',
});
