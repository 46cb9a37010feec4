/** `kfs check`: proves again what was done, and shows what drifted. */
import type { Command } from 'commander';
import { stepById } from '../book/order.ts';
import type { Cell } from '../events.ts';
import type { Runner, RunResult } from '../run/runner.ts';
import { globals } from './context.ts';
import { EXIT } from './exit.ts';
import { assertKnown, openRunner } from './open.ts';
import { jsonReporter, terminalReporter } from './report.ts';
import { succeeded } from './run.ts';
import { select } from './status.ts';

const HELP = `
Only the checks run, and checks read only; that of an event only if it is named, as it has happened. A step whose check no longer holds becomes "drifted"; running it again
mends it. Exit code 0 when everything that was done still holds, 1 otherwise.`;

export function register(program: Command): void {
  program
    .command('check')
    .description('prove again what is done, and show what drifted')
    .argument('[what...]', 'steps, chapters or parts; nothing is the whole book')
    .option('--all', 'also what was never done')
    .addHelpText('after', HELP)
    .action(async (what: string[], flags: { all?: boolean }, command: Command) => {
      const context = globals(command);
      const runner = await openRunner(context);
      try {
        assertKnown(runner.manifest(), what);
        const cells = select(runner.manifest(), runner.cells(), what).filter(
          cell => flags.all || wasDone(cell),
        );
        const reporter = context.json ? jsonReporter() : terminalReporter(runner.manifest(), false);
        const end = runner.subscribe(reporter.event);
        const results = await recheck(runner, cells, what);
        end();
        reporter.end(results);
        process.exitCode = results.every(succeeded) ? EXIT.ok : EXIT.failed;
      } finally {
        await runner.close();
      }
    });
}

const wasDone = (cell: Cell): boolean => ['done', 'drifted', 'stale'].includes(cell.status);

async function recheck(runner: Runner, cells: Cell[], what: string[]): Promise<RunResult[]> {
  const results: RunResult[] = [];
  for (const cell of cells) {
    const step = stepById(runner.manifest(), cell.step);
    const { id, digest } = step;
    if (!step.check && step.kind !== 'gate') continue;
    // An event has happened; what it has shown need not be so for ever.
    if (step.kind === 'event' && !what.includes(id)) continue;
    results.push(await runner.run({ step: id, subject: cell.subject, digest, mode: 'check', by: 'cli' }));
  }
  return results;
}
