/**
 * Rule `file-form`: every file is written in the one form that `files.ts` reads, so that the page, "Files and ports"
 * and a new machine's Ignition config share one source. Files below a directory made by `mktemp` are nobody's
 * concern; programs may be copied (`install`, `cp`, `curl --output`).
 */
import type { Place } from '../../errors.ts';
import { type ReadFile, readFiles } from '../files.ts';
import type { Finding } from '../finding.ts';
import { givenScripts, operands, type Program, programOf } from '../shell/program.ts';
import { type Command, lineOf, type Pipeline, type Script, substitutionsOf } from '../shell/tree.ts';
import type { StepText } from './rule.ts';

interface Scope {
  text: StepText;
  files: ReadFile[];
  /** Names of variables that hold a path made by mktemp. */
  temporary: Set<string>;
  /** The working directory was made by mktemp. */
  inTemporary: boolean;
  /** Set inside a script that is given as text: its offsets are not of this text. */
  place?: Place;
}

export function oneForm(text: StepText): Finding[] {
  const scope: Scope = { text, files: readFiles(text.text), temporary: new Set(), inTemporary: false };
  return [...visitScript(text.script, scope), ...scope.files.flatMap(file => bodyFindings(file, text))];
}

function visitScript(script: Script, scope: Scope): Finding[] {
  return script.pipelines.flatMap(pipeline =>
    pipeline.commands.flatMap((command, index) => visit(command, pipeline, index, scope)),
  );
}

function visit(command: Command, pipeline: Pipeline, index: number, scope: Scope): Finding[] {
  const program = programOf(command);
  noteTemporary(command, program, scope);
  const place = scope.place ?? scope.text.at(command.at);
  const inner = { ...scope, place, inTemporary: false };
  return [
    ...redirectFindings(command, scope, place),
    ...(program ? programFindings(program, command, pipeline.commands[index - 1], scope, place) : []),
    ...substitutionsOf(command).flatMap(script => visitScript(script, scope)),
    ...givenScripts(command).flatMap(script => visitScript(script, inner)),
    ...(command.body ? visitScript(command.body, scope) : []),
  ];
}

const MAKES_TEMPORARY = /^\$\((sudo )?mktemp\b/;

function noteTemporary(command: Command, program: Program | null, scope: Scope): void {
  for (const { name, value } of command.assignments)
    if (MAKES_TEMPORARY.test(value.value) || isTemporary(value.value, scope)) scope.temporary.add(name);
  const target = program?.name === 'cd' ? operands(program.args)[0]?.value : undefined;
  if (target !== undefined) scope.inTemporary = MAKES_TEMPORARY.test(target) || isTemporary(target, scope);
}

/** A path that a step may write to as it likes: temporary, a device, the kernel's own. */
function isTemporary(path: string, { temporary, inTemporary }: Scope): boolean {
  if (/^\/(dev|proc|sys)\//.test(path) || /^[<>]\(/.test(path)) return true;
  const variable = /^\$\{?(\w+)\}?(\/|$)/.exec(path)?.[1];
  if (variable) return temporary.has(variable);
  return inTemporary && !/^[/~]/.test(path) && !path.startsWith('$');
}

function redirectFindings(command: Command, scope: Scope, place: Place): Finding[] {
  return command.redirects
    .filter(({ operator, target }) => operator.includes('>') && !/^(\d+|-)$/.test(target.value))
    .filter(({ target }) => !isTemporary(target.value, scope))
    .map(({ at, operator, target }) => ({
      ...formFinding(`\`${operator}\` writes ${target.value || 'a file'}`),
      place: scope.place ? place : scope.text.at(at),
    }));
}

function programFindings(
  program: Program,
  command: Command,
  before: Command | undefined,
  scope: Scope,
  place: Place,
): Finding[] {
  const foreign = writtenBy(program).find(path => !isTemporary(path, scope));
  if (foreign !== undefined) return [{ ...formFinding(`\`${program.name}\` writes ${foreign}`), place }];
  const reads = program.name === 'install' && program.args.some(word => word.value === '/dev/stdin');
  if (!reads) return [];
  const problem = installProblem(program, command, before, scope);
  return problem ? [{ ...formFinding(problem), place }] : [];
}

/** Paths that a program of which content comes writes or changes. */
function writtenBy({ name, args }: Program): string[] {
  if (name === 'tee' || name === 'sponge') return operands(args).map(word => word.value);
  const inPlace = args.some(word => /^(-[a-zA-Z]*i[a-zA-Z.]*|--in-place(=.*)?)$/.test(word.value));
  if ((name === 'sed' || name === 'perl') && inPlace) return [operands(args).at(-1)?.value ?? 'a file'];
  if (name === 'dd') return args.flatMap(word => /^of=(.*)$/s.exec(word.value)?.[1] ?? []);
  return [];
}

/** `install … /dev/stdin`: with a here-document in the one form; fed by a program, with mode, owner and group. */
function installProblem(
  program: Program,
  command: Command,
  before: Command | undefined,
  scope: Scope,
): string | null {
  const hasDocument = command.redirects.some(redirect => redirect.hereDocument);
  if (hasDocument && !scope.place) {
    const { line } = lineOf(scope.text.text, command.at);
    const file = scope.files.find(one => one.line === line);
    if (!file) return '`install` in another form';
    const bare = !file.sudo || file.owner === '';
    return bare && scope.text.step.on !== 'workstation'
      ? '`install` without sudo, owner and group on a machine'
      : null;
  }
  const feeder = before && programOf(before);
  if (feeder && ['echo', 'printf', 'cat'].includes(feeder.name) && !readsFile(before))
    return `\`${feeder.name}\` piped into \`install\``;
  const flags = program.args.map(word => word.value);
  return ['-D', '-m'].every(flag => flags.includes(flag)) ? null : '`install` without -D and -m';
}

const readsFile = (command: Command): boolean =>
  programOf(command)?.name === 'cat' && operands(programOf(command)?.args ?? []).length > 0;

/** In the body only `$KFS_…` may expand; in a quoted one not even that. */
function bodyFindings(file: ReadFile, { text, atLine }: StepText): Finding[] {
  const lines = text.split('\n').slice(file.line + 1, file.endLine);
  const inPath = /\$(?!\{?(KFS_[A-Z0-9_]+|HOME)\b)\S*/.exec(file.path)?.[0];
  if (inPath) return [{ ...formFinding(`\`${inPath}\` in the path of a file`), place: atLine(file.line) }];
  return lines.flatMap((line, index) => {
    const found = file.quoted
      ? /\$\{?KFS_\w+\}?/.exec(line)
      : /(?<!\\)(?:\\\\)*(\$(?!KFS_[A-Z]|\{KFS_[A-Z0-9_]+\})(?=[\w({@*#?$!-])\S*|`)/.exec(line);
    if (!found) return [];
    return [
      {
        place: atLine(file.line + 1 + index, found.index),
        rule: 'file-form',
        what: file.quoted
          ? `\`${found[0]}\` in a quoted here-document`
          : `\`${found[1]}\` in the body of a file`,
        why: file.quoted
          ? 'it does not expand there'
          : 'only variables of the plan can be filled in elsewhere too',
        mend: file.quoted
          ? 'write <<EOF without quotes'
          : 'use $KFS_…, or a backslash before it when it is meant as it is',
      },
    ];
  });
}

const formFinding = (what: string): Omit<Finding, 'place'> => ({
  rule: 'file-form',
  what,
  why: 'the book could not list the file, nor put it on a new machine',
  mend: 'write it as `sudo install -D -m MODE -o OWNER -g GROUP /dev/stdin PATH <<EOF`; temporary files below `mktemp -d`',
});
