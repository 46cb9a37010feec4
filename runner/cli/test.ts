/** `kfs test`, which is `npm test`: installs what the tests need, runs every suite, counts. */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { duration } from '../duration.ts';
import { formatError } from '../errors.ts';
import { ensurePackages, missingPackages } from '../host-packages.ts';
import { CHECKOUT, paint } from './context.ts';
import { EXIT } from './exit.ts';
import { beginBeside } from './test/beside.ts';
import { chooseSuites } from './test/choose.ts';
import { TEST_PACKAGES } from './test/packages.ts';
import { type Counts, outputFolder, type Suite, type SuiteContext } from './test/suite.ts';
import { SUITES } from './test/suites.ts';

interface TestFlags {
  full?: boolean;
  with?: string[];
  within?: number;
  only?: string;
  list?: boolean;
}

interface SuiteResult extends Counts {
  name: string;
  durationMs: number;
}

export function register(program: Command): void {
  program
    .command('test')
    .description("run the project's own tests (npm test)")
    .argument('[suite...]', 'suites to run; nothing is all')
    .option('--full', 'also the slow proofs')
    .option('--with <suite...>', 'also these slow proofs')
    .addOption(
      new Option(
        '--within <minutes>',
        'begin nothing slow that would not end within so many minutes; what is left out is named',
      ).argParser(minutes),
    )
    .option('--only <text>', 'only test files whose path contains this')
    .option('--list', 'list the suites')
    .action(async (names: string[], flags: TestFlags) => {
      if (flags.list) return list();
      process.exitCode = await runSuites(chooseSuites(SUITES, names, flags.full, flags.with), flags);
    });
}

function minutes(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new InvalidArgumentError('a number of minutes is wanted.');
}

const list = (): void => {
  for (const suite of SUITES) process.stdout.write(`${suite.name.padEnd(10)} ${suite.about}\n`);
};

async function runSuites(suites: Suite[], flags: TestFlags): Promise<number> {
  const interrupt = new AbortController();
  const { signal } = interrupt;
  process.once('SIGINT', () => interrupt.abort()).once('SIGTERM', () => interrupt.abort());
  const deadline = Date.now() + (flags.within ?? Infinity) * 60_000;
  const fits = (minutes: number) => Date.now() + minutes * 60_000 <= deadline;
  const missing = await installPackages();
  const results: SuiteResult[] = [];
  const beside: (() => Promise<SuiteResult>)[] = [];
  for (const suite of suites) {
    if (signal.aborted) break;
    // What is slow has limits that were measured with nothing beside it.
    if (suite.full) for (const finish of beside.splice(0)) results.push(await finish());
    const lacks = (suite.needs ?? []).filter(name => missing.includes(name));
    const late = !fits(suite.minutes ?? 0);
    if (lacks.length > 0) results.push(skip(suite, `this host lacks ${lacks.join(', ')}`));
    else if (late) results.push(skip(suite, 'it would not end in time'));
    else if (suite.beside && suite !== suites.at(-1) && availableParallelism() > 1)
      beside.push(runBeside(suite, flags, deadline, signal));
    else results.push(await runSuite(suite, { signal, filter: flags.only, full: flags.full, fits }));
  }
  for (const finish of beside) results.push(await finish());
  if (signal.aborted) return EXIT.interrupted;
  return process.send ? tell(results) : summarize(results);
}

/** Starts a suite in a process of its own; what is returned prints its output and resolves with what it counted. */
function runBeside(
  { name }: Suite,
  flags: TestFlags,
  deadline: number,
  signal: AbortSignal,
): () => Promise<SuiteResult> {
  const log = join(CHECKOUT, 'test-results', `${name}.log`);
  const left = Math.floor((deadline - Date.now()) / 60_000);
  const within = Number.isFinite(left) ? ['--within', String(Math.max(1, left))] : [];
  const only = flags.only ? ['--only', flags.only] : [];
  const args = ['test', name, ...within, ...only, ...(flags.full ? ['--full'] : [])];
  process.stdout.write(
    `\n── ${name}  goes on beside the others; what it prints is in ${log}, and comes here later\n`,
  );
  const suite = beginBeside<SuiteResult[]>(args, log, signal);
  return async () => {
    const [result] = (await suite.finish()) ?? [];
    return result ?? { name, durationMs: 0, passed: 0, failed: 1, skipped: 0 };
  };
}

/** As a suite beside others: they have the last word. */
function tell(results: SuiteResult[]): number {
  process.send!(results, () => process.disconnect());
  return EXIT.ok;
}

/** Installs what is missing where that needs no asking; else prints the exact line. Returns what is still missing. */
async function installPackages(): Promise<string[]> {
  const say = (text: string) => process.stdout.write(`${text}\n`);
  await ensurePackages(TEST_PACKAGES, say).catch(error => say(formatError(error)));
  return missingPackages(TEST_PACKAGES).map(item => item.package);
}

/** What cannot be tried here is skipped by name, with the reason. */
function skip(suite: Suite, why: string): SuiteResult {
  process.stdout.write(`\n── ${suite.name}  skipped: ${why}\n`);
  return { name: suite.name, durationMs: 0, passed: 0, failed: 0, skipped: 1 };
}

async function runSuite(suite: Suite, context: Omit<SuiteContext, 'output'>): Promise<SuiteResult> {
  process.stdout.write(`\n${paint('bold', `── ${suite.name}`)}  ${paint('dim', suite.about)}\n`);
  const begun = Date.now();
  try {
    const counts = await suite.run({ output: outputFolder(suite.name), ...context });
    return { name: suite.name, durationMs: Date.now() - begun, ...counts };
  } catch (error) {
    const why = context.signal.aborted ? 'interrupted' : error instanceof Error ? error.stack : error;
    process.stdout.write(`${suite.name}: ${why}\n`);
    return { name: suite.name, durationMs: Date.now() - begun, passed: 0, failed: 1, skipped: 0 };
  }
}

/** The last line is read by continuous integration: `N passed, N failed`. */
function summarize(results: SuiteResult[]): number {
  process.stdout.write('\n');
  for (const { name, passed, failed, skipped, durationMs } of results) {
    const colour = failed > 0 ? 'red' : 'green';
    const text = `${name.padEnd(10)} ${passed} passed, ${failed} failed, ${skipped} skipped`;
    process.stdout.write(`${paint(colour, text)}  ${paint('dim', duration(durationMs))}\n`);
  }
  const sum = (key: keyof Counts) => results.reduce((total, result) => total + result[key], 0);
  const skipped = sum('skipped');
  process.stdout.write(
    `\n${sum('passed')} passed, ${sum('failed')} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`,
  );
  return sum('failed') > 0 ? EXIT.failed : EXIT.ok;
}
