/** `kfs run`: the book without a browser. */
import { writeFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { KfsError } from '../errors.ts';
import { isGood } from '../events.ts';
import type { Runner, RunResult, Selection, SeriesOptions } from '../run/runner.ts';
import { type Globals, globals } from './context.ts';
import { EXIT } from './exit.ts';
import { junit } from './junit.ts';
import { assertKnown, openRunner } from './open.ts';
import { printPreview } from './preview.ts';
import { buildRecord, type RunRecord } from './record-file.ts';
import { jsonReporter, type Reporter, terminalReporter } from './report.ts';

/** Where a series is told of, and how much. */
interface ShownFlags {
  junit?: string;
  record?: string;
  verbose?: boolean;
}

interface RunFlags extends ShownFlags {
  from?: string;
  to?: string;
  on?: string[];
  stale?: boolean;
  force?: boolean;
  keepGoing?: boolean;
  prove?: boolean;
  twice?: boolean;
  dryRun?: boolean;
  destroy?: string[];
}

const HELP = `
What is named: step ids, chapters (one-machine/etcd) or parts (one-machine), in any mix; nothing means the whole
book. They run in the book's order, each step on every machine that it is for. A step whose check holds already
is proven and not run again.

  kfs run one-machine/etcd                 a chapter
  kfs run --to etcd-start                  from the first page to that step
  kfs run --stale                          what a changed text or plan has made stale
  kfs run --dry-run node                   show machine, user and text, run nothing
  kfs run --prove && kfs run --twice       prove the checks, then prove that a second run changes nothing`;

export function register(program: Command): void {
  program
    .command('run')
    .description('run steps, chapters or the whole book, without a browser')
    .argument('[what...]', 'steps, chapters or parts; nothing is the whole book')
    .option('--from <step>', 'begin at this step')
    .option('--to <step>', 'end after this step')
    .option('--on <machine...>', 'only for these machines (or workstation)')
    .option('--stale', 'only what is stale')
    .option('--force', 'run even what is proven already')
    .option('--keep-going', 'after a failure go on with what does not need it')
    .addOption(
      new Option('--prove', "each state's check must fail before its step").conflicts(['twice', 'force']),
    )
    .addOption(
      new Option(
        '--twice',
        'nothing may need to run: each check must hold first; what only shows is not shown again',
      ).conflicts('force'),
    )
    .option('--dry-run', 'show what would run, and run nothing')
    .option('--destroy <machine...>', 'allow steps that destroy something on these machines')
    .option('--junit <file>', 'write a JUnit report')
    .option('--record <file>', 'write the record of this run (see kfs record --help)')
    .option('--verbose', 'show the output of every step, not only of what fails')
    .addHelpText('after', HELP)
    .action(async (what: string[], flags: RunFlags, command: Command) => {
      process.exitCode = await run(what, flags, globals(command));
    });
}

async function run(what: string[], flags: RunFlags, context: Globals): Promise<number> {
  const runner = await openRunner(context);
  try {
    assertKnown(runner.manifest(), [...what, ...[flags.from, flags.to].filter(name => name !== undefined)]);
    const selection: Selection = {
      what,
      from: flags.from,
      to: flags.to,
      stale: flags.stale,
      subjects: flags.on,
    };
    if (flags.dryRun) {
      printPreview(runner, selection, context);
      return EXIT.ok;
    }
    return await runSeries(runner, selection, seriesOptions(flags), flags, context);
  } finally {
    await runner.close();
  }
}

/** Runs and shows a series that Ctrl-C ends; resolves with the exit code. */
export async function runSeries(
  runner: Runner,
  selection: Selection,
  options: Omit<SeriesOptions, 'by' | 'signal'>,
  shown: ShownFlags,
  context: Globals,
): Promise<number> {
  const interrupt = new AbortController();
  const onSignal = () => interrupt.abort(new KfsError('interrupted', 'interrupted'));
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  const reporter: Reporter = context.json
    ? jsonReporter()
    : terminalReporter(runner.manifest(), shown.verbose ?? false);
  const record = shown.record ? buildRecord(runner) : undefined;
  const ends = [runner.subscribe(reporter.event), ...(record ? [runner.subscribe(record.event)] : [])];
  try {
    const results = await runner.series(selection, { ...options, by: 'cli', signal: interrupt.signal });
    finish(runner, results, reporter, shown, record?.end());
    if (interrupt.signal.aborted) return EXIT.interrupted;
    return results.every(result => succeeded(result)) ? EXIT.ok : EXIT.failed;
  } finally {
    for (const end of ends) end();
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

const seriesOptions = (flags: RunFlags): Omit<SeriesOptions, 'by' | 'signal'> => ({
  mode: flags.force ? 'force' : 'run',
  keepGoing: flags.keepGoing,
  prove: flags.prove,
  twice: flags.twice,
  destroy: flags.destroy,
});

function finish(
  runner: Runner,
  results: RunResult[],
  reporter: Reporter,
  shown: ShownFlags,
  record?: RunRecord,
): void {
  reporter.end(results);
  if (shown.junit) writeFileSync(shown.junit, junit(runner, results));
  if (shown.record && record) writeFileSync(shown.record, `${JSON.stringify(record, null, 1)}\n`);
}

/** Whether a result counts as good. */
const succeeded = ({ outcome }: RunResult): boolean => isGood(outcome);
