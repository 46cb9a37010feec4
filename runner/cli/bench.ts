/** `kfs bench`, which is `npm run bench`: each benchmark prints ratios against a peer run in the same minute. */
import { globSync } from 'node:fs';
import type { Command } from 'commander';
import { CHECKOUT, paint } from './context.ts';
import { EXIT } from './exit.ts';
import { runCommand, tool } from './test/suite.ts';

export function register(program: Command): void {
  program
    .command('bench')
    .description('run the benchmarks (npm run bench)')
    .argument('[name...]', 'only files whose path contains one of these')
    .action(async (names: string[]) => {
      const interrupt = new AbortController();
      process.once('SIGINT', () => interrupt.abort());
      let failed = 0;
      for (const file of benchmarks(names)) {
        process.stdout.write(`\n${paint('bold', file)}\n`);
        if ((await runCommand(tool('node'), [file], interrupt.signal)) !== 0) failed++;
      }
      process.exitCode = failed > 0 ? EXIT.failed : EXIT.ok;
    });
}

function benchmarks(names: string[]): string[] {
  const files = globSync(['{runner,lab,software,components,e2e}/**/{bench,*.bench}.ts'], {
    cwd: CHECKOUT,
  }).sort();
  const benches = files.filter(file => file !== 'runner/cli/bench.ts');
  return names.length === 0 ? benches : benches.filter(file => names.some(name => file.includes(name)));
}
