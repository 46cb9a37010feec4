/**
 * Rule `black-box`: a step runs no script that the book does not show. Shown is what a step writes in the one form,
 * and a file whose name titles a fence of the chapter or to which the chapter links. Programs on the PATH are not
 * looked into; they are in the mirror, by digest. Those of the book's own, which are called by their path below
 * /usr/local or `kfs-…`, a step has written. What is given to ssh or to a shell as text is looked into like the rest.
 */
import type { CompiledChapter } from '../chapter.ts';
import type { Finding } from '../finding.ts';
import { givenScripts, operands, type Program, programOf, SHELLS } from '../shell/program.ts';
import { type Command, commandsOf, type Pipeline, pipelinesOf, type Script } from '../shell/tree.ts';
import type { StepText } from './rule.ts';

const INTERPRETERS = [...SHELLS, 'source', '.', 'python', 'python3', 'perl', 'node', 'ruby'];
const FETCHERS = ['curl', 'wget'];

export const blackBox = (chapters: readonly CompiledChapter[]) => {
  const written = new Set(
    chapters.flatMap(one => one.steps.flatMap(step => step.files.map(file => file.path))),
  );
  const names = new Set([...written].map(baseName));
  return ({ script, chapter, at }: StepText): Finding[] => {
    const shown = (path: string): boolean => written.has(path) || isOnPage(path, chapter);
    const hiddenIn = (command: Command): string[] => {
      const hidden = hiddenScript(command, shown) ?? unknownProgram(command, names);
      const given = givenScripts(command).flatMap(text => [...commandsOf(text)].flatMap(hiddenIn));
      return [...(hidden === null ? [] : [hidden]), ...given];
    };
    const commands = [...commandsOf(script)].flatMap(command =>
      hiddenIn(command).map(hidden => ({ ...boxFinding(hidden), place: at(command.at) })),
    );
    const piped = [...pipelinesOf(script)].filter(isFetchedAndRun);
    return [
      ...commands,
      ...piped.map(pipeline => ({
        ...boxFinding('what it fetches from the network'),
        place: at(pipeline.commands[0]?.at ?? 0),
      })),
    ];
  };
};

function hiddenScript(command: Command, shown: (path: string) => boolean): string | null {
  const program = programOf(command);
  if (!program) return null;
  if (isScript(program.path) && !shown(program.path)) return program.path;
  if (!INTERPRETERS.includes(program.name)) return null;
  if (program.args.some(word => word.substitutions.some(fetches))) return 'what it fetches from the network';
  const file = scriptOperand(program);
  return file === undefined || shown(file) || isData(program, file) ? null : file;
}

/** What the book calls its own programs. */
const OWN_NAME = /^kfs-|^prove$/;

/** A program of the book's own that no step has written: below /usr/local, or by its name. */
function unknownProgram(command: Command, names: Set<string>): string | null {
  const program = programOf(command);
  if (!program) return null;
  const { path } = program;
  const isOwn = path.startsWith('/usr/local/') || OWN_NAME.test(baseName(path));
  return isOwn && !names.has(baseName(path)) ? path : null;
}

/** A file of variables to source, such as `cluster.env`; and what is no file at all. */
const isData = ({ name }: Program, file: string): boolean =>
  /^\/dev\//.test(file) || ((name === '.' || name === 'source') && /\.env$|^\/etc\/os-release$/.test(file));

/** By its name or place: `./x`, `x.sh`, `$KFS_BOOK/x`. Of programs on the PATH nothing is known. */
const isScript = (path: string): boolean => /^\.{1,2}\/|\.(sh|bash|py|pl|rb)$|^\$\{?KFS_BOOK\}?\//.test(path);

/** The file that an interpreter is given; none when it gets its text by `-c`, `-e` or on stdin. */
function scriptOperand({ name, args }: Program): string | undefined {
  if (
    name !== 'source' &&
    name !== '.' &&
    args.some(word => /^-([a-z]*c|e|m|-version|-eval)$/.test(word.value))
  )
    return undefined;
  return operands(args)[0]?.value;
}

function isOnPage(path: string, { parsed }: CompiledChapter): boolean {
  const name = path.split('/').at(-1) ?? path;
  const titles = parsed.fences.map(fence => /title=["']?([^"'\s]+)/.exec(fence.meta)?.[1] ?? '');
  return [...titles, ...parsed.links.map(link => link.url)].some(one => one.split('/').at(-1) === name);
}

const baseName = (path: string): string => path.split('/').at(-1) ?? path;

const fetches = (script: Script): boolean =>
  [...commandsOf(script)].some(command => FETCHERS.includes(programOf(command)?.name ?? ''));

/** `curl … | sudo bash` */
function isFetchedAndRun({ commands }: Pipeline): boolean {
  const names = commands.map(command => programOf(command)?.name ?? '');
  const from = names.findIndex(name => FETCHERS.includes(name));
  return from >= 0 && names.slice(from + 1).some(name => INTERPRETERS.includes(name));
}

const boxFinding = (name: string): Omit<Finding, 'place'> => ({
  rule: 'black-box',
  what: `the step runs ${name}`,
  why: 'the book does not show it, and the reader would not know what it does',
  mend: 'write its commands in the step, or show the file on the page (a fence with title="…", or a link to it)',
});
