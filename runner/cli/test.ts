/** `kfs test`, which is `npm test`: installs what the tests need, runs every suite, counts. */
import type { Command } from 'commander';
import { formatError } from '../errors.ts';
import { ensurePackages, missingPackages } from '../host-packages.ts';
import { paint } from './context.ts';
import { duration } from './duration.ts';
import { EXIT } from './exit.ts';
import { TEST_PACKAGES } from './test/packages.ts';
import { type Counts, outputFolder, type Suite } from './test/suite.ts';
import { SUITES } from './test/suites.ts';

interface TestFlags {
  full?: boolean;
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
    .option('--only <text>', 'only test files whose path contains this')
    .option('--list', 'list the suites')
    .action(async (names: string[], flags: TestFlags) => {
      if (flags.list) return list();
      if (flags.full) process.env.KFS_FULL = '1'; // tests that are skipped otherwise look at it
      process.exitCode = await runSuites(choose(names, flags), flags);
    });
}

const list = (): void => {
  for (const suite of SUITES) process.stdout.write(`${suite.name.padEnd(10)} ${suite.about}\n`);
};

function choose(names: string[], flags: TestFlags): Suite[] {
  if (names.length > 0) return SUITES.filter(suite => names.includes(suite.name));
  return SUITES.filter(suite => flags.full || !suite.full);
}

async function runSuites(suites: Suite[], flags: TestFlags): Promise<number> {
  const interrupt = new AbortController();
  process.once('SIGINT', () => interrupt.abort()).once('SIGTERM', () => interrupt.abort());
  const missing = await installPackages();
  const results: SuiteResult[] = [];
  for (const suite of suites) {
    if (interrupt.signal.aborted) return EXIT.interrupted;
    const lacks = (suite.needs ?? []).filter(name => missing.includes(name));
    results.push(lacks.length > 0 ? skip(suite, lacks) : await runSuite(suite, interrupt.signal, flags.only));
  }
  return summarize(results);
}

/** Installs what is missing where that needs no asking; else prints the exact line. Returns what is still missing. */
async function installPackages(): Promise<string[]> {
  const say = (text: string) => process.stdout.write(`${text}\n`);
  await ensurePackages(TEST_PACKAGES, say).catch(error => say(formatError(error)));
  return missingPackages(TEST_PACKAGES).map(item => item.package);
}

/** What cannot be tried here is skipped by name, with the reason. */
function skip(suite: Suite, lacks: string[]): SuiteResult {
  process.stdout.write(`\n── ${suite.name}  skipped: this host lacks ${lacks.join(', ')}\n`);
  return { name: suite.name, durationMs: 0, passed: 0, failed: 0, skipped: 1 };
}

async function runSuite(suite: Suite, signal: AbortSignal, filter?: string): Promise<SuiteResult> {
  process.stdout.write(`\n${paint('bold', `── ${suite.name}`)}  ${paint('dim', suite.about)}\n`);
  const begun = Date.now();
  try {
    const counts = await suite.run({ output: outputFolder(suite.name), signal, filter });
    return { name: suite.name, durationMs: Date.now() - begun, ...counts };
  } catch (error) {
    process.stdout.write(`${suite.name}: ${error instanceof Error ? error.stack : error}\n`);
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
