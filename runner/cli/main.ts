/** The command line's table of contents: every command is a file of its name. */
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { formatError, KfsError } from '../errors.ts';
import { EXIT, exitCodeOf } from './exit.ts';

/** By their names; each is loaded when it is asked for. */
export const COMMANDS: Record<string, () => Promise<{ register(program: Command): void }>> = {
  start: () => import('./start.ts'),
  run: () => import('./run.ts'),
  status: () => import('./status.ts'),
  check: () => import('./check.ts'),
  accept: () => import('./accept.ts'),
  cis: () => import('./cis.ts'),
  plan: () => import('./plan.ts'),
  pki: () => import('./pki.ts'),
  lint: () => import('./lint.ts'),
  export: () => import('./export.ts'),
  build: () => import('./build.ts'),
  record: () => import('./record.ts'),
  software: () => import('./software.ts'), // and `mirror`
  image: () => import('./image.ts'),
  install: () => import('./install.ts'),
  lab: () => import('./lab.ts'),
  test: () => import('./test.ts'),
  bench: () => import('./bench.ts'),
  complete: () => import('./complete.ts'),
};
/** It looks at every other command. */
const NEEDS_ALL = 'complete';
/** Options before the command that have their value in a word of its own. */
const VALUED = ['--state', '--plan', '--book'];

const EPILOGUE = `
Exit codes: 0 all well · 1 something failed · 2 wrong usage · 3 could not begin · 130 interrupted

A first session:
  kfs start                 read the book in a browser and run its steps
  kfs run one-machine       run a part of the book here, without a browser
  kfs status                what is proven where`;

/** The program, ready to parse; with `only` that one command of it, which starts sooner. */
export async function createProgram(only?: string): Promise<Command> {
  const program = new Command('kfs')
    .description('Kubernetes From Scratch: a book whose steps run on your machines')
    .option('--state <dir>', 'where progress, keys and the plan are kept (default: .kfs in the checkout)')
    .option('--plan <file>', 'the plan (default: cluster.yaml in the state directory)')
    .option('--book <dir>', 'another book: a folder with content/docs in it (default: this one)')
    .option('--json', 'print for a program to read')
    .showHelpAfterError('(kfs --help tells the commands)')
    .addHelpText('after', EPILOGUE)
    .enablePositionalOptions(false);
  const wanted = Object.entries(COMMANDS).filter(([name]) => only === undefined || name === only);
  for (const command of await Promise.all(wanted.map(([, load]) => load()))) command.register(program);
  exitWithCodes(program);
  return program;
}

/** Makes commander throw instead of exiting with 1 for usage errors, in every subcommand. */
function exitWithCodes(command: Command): void {
  command.exitOverride();
  for (const child of command.commands) exitWithCodes(child);
}

/** Parses and runs; the exit code is set, never forced, so that output is flushed. */
export async function main(argv: string[]): Promise<void> {
  process.stdout.on('error', endOnClosedPipe);
  try {
    const program = await createProgram(commandIn(argv));
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    process.exitCode = report(error, argv.includes('--json'));
  }
}

/** The command that is asked for, when no other needs to be known; anything unclear is for the whole program. */
export function commandIn(argv: string[]): string | undefined {
  let at = 0;
  while (argv[at]?.startsWith('-')) at += VALUED.includes(argv[at]!) ? 2 : 1;
  const name = argv[at] ?? '';
  return Object.hasOwn(COMMANDS, name) && name !== NEEDS_ALL ? name : undefined;
}

function report(error: unknown, json: boolean): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (json && error instanceof KfsError) {
    const { code, message, place, next } = error;
    process.stdout.write(`${JSON.stringify({ error: { code, message, place, next } })}\n`);
  } else {
    process.stderr.write(`kfs: ${formatError(error)}\n`);
  }
  return exitCodeOf(error);
}

/** `kfs status | head` is not an error. */
function endOnClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit(EXIT.ok);
}

if (import.meta.main) {
  // The stripped and compiled sources of an earlier start; where it cannot be written it starts without.
  enableCompileCache(join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'kfs-compiled'));
  await main(process.argv.slice(2));
}
