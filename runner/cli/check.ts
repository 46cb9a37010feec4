/** `kfs check`: proves again what was done, and shows what drifted. */
import type { Command } from 'commander';
import { globals } from './context.ts';
import { assertKnown, openRunner } from './open.ts';
import { runSeries } from './run.ts';

const HELP = `
Only the checks run, and checks read only. A step that is named is looked at although it was not done yet; an event
that has happened, only if it is named. A step whose check no longer holds becomes "drifted"; running it again mends
it. Exit code 0 when all that was looked at holds, 1 otherwise.`;

export function register(program: Command): void {
  program
    .command('check')
    .description('prove again what is done, and show what drifted')
    .argument('[what...]', 'steps, chapters or parts; nothing is the whole book')
    .option('--all', 'also what was never done')
    .addHelpText('after', HELP)
    .action(async (what: string[], { all }: { all?: boolean }, command: Command) => {
      const context = globals(command);
      const runner = await openRunner(context);
      try {
        assertKnown(runner.manifest(), what);
        const options = { mode: 'check', keepGoing: true, all } as const;
        process.exitCode = await runSeries(runner, { what }, options, {}, context);
      } finally {
        await runner.close();
      }
    });
}
