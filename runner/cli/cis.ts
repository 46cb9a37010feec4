/** `kfs cis`: the CIS Kubernetes Benchmark, shown on the cluster of the plan. */
import type { Command } from 'commander';
import { type Benchmark, choose, readBenchmark } from '../cis/controls.ts';
import { type Shown, showControls } from '../cis/run.ts';
import { KfsError } from '../errors.ts';
import { loadPlan } from '../plan/load.ts';
import { type Globals, globals, paint } from './context.ts';
import { EXIT } from './exit.ts';

const HELP = `
Runs the command of each control, as the appendix "The CIS benchmark" shows them. They read only.
Exit code 0 when everything is as the appendix says, 1 otherwise.

  kfs cis                   all controls
  kfs cis 1.2 5.1.5         a section, and a control
  kfs cis 4.2 --verbose     with what each command printed`;

export function register(program: Command): void {
  program
    .command('cis')
    .description('show the CIS Kubernetes Benchmark on the cluster, control by control')
    .argument('[control...]', 'controls or sections; nothing is all')
    .option('--verbose', 'also what was printed for those that hold')
    .addHelpText('after', HELP)
    .action(async (names: string[], flags: { verbose?: boolean }, command: Command) => {
      const context = globals(command);
      const shown = await showBenchmark(context, names, flags.verbose ?? false);
      process.exitCode = shown.every(({ holds }) => holds) ? EXIT.ok : EXIT.failed;
    });
}

/** Shows them on the terminal, or as JSON, and returns what came of it. */
export async function showBenchmark(context: Globals, names: string[], verbose: boolean): Promise<Shown[]> {
  const benchmark = readBenchmark(context.book);
  if (!benchmark) throw new KfsError('usage', 'this book has no benchmark', { next: 'name another --book' });
  const controls = choose(benchmark, names);
  const plan = loadPlan(context.paths.plan);
  const tell = context.json ? tellJson : (one: Shown) => tellPerson(one, verbose);
  const shown = await showControls({ plan, paths: context.paths }, benchmark, controls, tell);
  if (!context.json) process.stdout.write(`\n${summary(benchmark, shown)}\n`);
  return shown;
}

function tellJson({ control, host, holds, output }: Shown): void {
  const line = { id: control.id, host, holds, exception: control.exception !== undefined, output };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function tellPerson({ control, host, holds, output }: Shown, verbose: boolean): void {
  const mark = holds ? (control.exception ? paint('yellow', '–') : paint('green', '✔')) : paint('red', '✘');
  process.stdout.write(`${mark} ${control.id.padEnd(7)} ${host.padEnd(12)} ${control.asks}\n`);
  if (holds && !verbose) return;
  for (const line of output.split('\n')) process.stdout.write(`    ${paint('dim', line)}\n`);
}

function summary({ benchmark }: Benchmark, shown: Shown[]): string {
  const failed = shown.filter(({ holds }) => !holds);
  const held = shown.filter(({ holds }) => holds);
  const exceptions = held.filter(({ control }) => control.exception !== undefined).length;
  const counts = `${held.length - exceptions} met, ${exceptions} exceptions argued, ${failed.length} failed`;
  return paint(
    failed.length > 0 ? 'red' : 'green',
    `CIS Kubernetes Benchmark ${benchmark.version}: ${counts}`,
  );
}
