/** `kfs start`: the book and its runner at one address of this computer. */
import type { Command } from 'commander';
import { globals } from './context.ts';

/** Tried first, so that the address stays the same from day to day; any free one if it is taken. */
export const USUAL_PORT = 4150;

export interface StartOptions {
  port?: string;
  open: boolean;
  /** False: no lab is prepared. */
  lab: boolean;
}

export function register(program: Command): void {
  program
    .command('start')
    .summary('serve the book with its runner')
    .description(
      'Serve the book at an address of this computer, with the runner behind it: each step has a button.\n' +
        'The address contains a token that is new at each start; nobody without it can run anything.\n' +
        'Ctrl-C ends the runner and leaves running steps running: the next start finds them.\n\n' +
        'While there is no plan, a lab of one machine is prepared behind the book; its\n' +
        'plan is written when it is ready, and a plan of yours wins. A lab that is down,\n' +
        'and that the plan is for, is brought up. Ctrl-C stops the preparation, and the\n' +
        'next start goes on with it; a lab that is up stays up (kfs lab down ends it).',
    )
    .option('--port <number>', `port on 127.0.0.1 (default: ${USUAL_PORT}, or any free one)`)
    .option('--no-open', 'do not open the browser')
    .option('--no-lab', 'prepare no lab (never done for a book of your own)')
    .addHelpText(
      'after',
      '\nExamples:\n  kfs start                        the book, its progress in .kfs/\n' +
        '  kfs start --book ~/my-book       a book of your own\n' +
        '  kfs start --state ~/cluster-2    another cluster, with its own plan and progress',
    )
    .action(async (options: StartOptions, command: Command) => {
      const { start } = await import('./start/serve.ts'); // server and engine are loaded only when they are wanted
      await start(globals(command), options);
    });
}
