/** The command line's table of contents: every command is a file of its name. */
import { Command, CommanderError } from 'commander';
import { formatError, KfsError } from '../errors.ts';
import { EXIT, exitCodeOf } from './exit.ts';

const COMMANDS = [
  () => import('./start.ts'),
  () => import('./run.ts'),
  () => import('./status.ts'),
  () => import('./check.ts'),
  () => import('./plan.ts'),
  () => import('./pki.ts'),
  () => import('./lint.ts'),
  () => import('./export.ts'),
  () => import('./build.ts'),
  () => import('./record.ts'),
  () => import('./software.ts'),
  () => import('./image.ts'),
  () => import('./lab.ts'),
  () => import('./test.ts'),
  () => import('./bench.ts'),
  () => import('./complete.ts'),
];

const EPILOGUE = `
Exit codes: 0 all well · 1 something failed · 2 wrong usage · 3 could not begin · 130 interrupted

A first session:
  kfs start                 read the book in a browser and run its steps
  kfs run one-machine       run a part of the book here, without a browser
  kfs status                what is proven where`;

/** The whole program, ready to parse; tests and completion build it too. */
export async function createProgram(): Promise<Command> {
  const program = new Command('kfs')
    .description('Kubernetes From Scratch: a book whose steps run on your machines')
    .option('--state <dir>', 'where progress, keys and the plan are kept (default: .kfs in the checkout)')
    .option('--plan <file>', 'the plan (default: cluster.yaml in the state directory)')
    .option('--book <dir>', 'another book: a folder with content/docs in it (default: this one)')
    .option('--json', 'print for a program to read')
    .showHelpAfterError('(kfs --help tells the commands)')
    .addHelpText('after', EPILOGUE)
    .enablePositionalOptions(false);
  for (const command of await Promise.all(COMMANDS.map(load => load()))) command.register(program);
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
    const program = await createProgram();
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    process.exitCode = report(error, argv.includes('--json'));
  }
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

if (import.meta.main) await main(process.argv.slice(2));
