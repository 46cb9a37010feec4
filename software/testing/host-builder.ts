/**
 * A builder whose compiler is a line of shell, run as a real process on this host: for what has to hold around a
 * compiler, whichever it is. The true builder is tried in builder/builder.test.ts and in reproducible.test.ts.
 */
import type { Builder, RunOptions, Watch } from '../builder/builder.ts';
import { type Finished, run } from '../builder/process.ts';

/** `script` is run for each program with `OUT` (the folder) and `NAME`; it should write the file `$OUT/$NAME`. */
export function hostBuilder(script: string): Builder & { compiled: string[] } {
  const compiled: string[] = [];
  return {
    root: '/',
    id: 'host',
    packages: async () => '',
    version: async () => '',
    argv: command => command,
    compiled,
    async run(command: string[], options: RunOptions & Watch = {}): Promise<Finished> {
      const [, verb] = command;
      if (verb !== 'build') return { output: '' };
      const target = command[command.indexOf('-o') + 1] ?? '';
      const name = target.slice('/out/'.length);
      compiled.push(name);
      const { onLine, signal, what } = options;
      const env = { ...process.env, OUT: outOf(options), NAME: name };
      return run(['sh', '-euc', script], { env, onLine, signal, what });
    },
  };
}

function outOf({ binds = [] }: RunOptions): string {
  for (const bind of binds) if (typeof bind !== 'string' && bind.to === '/out') return bind.from;
  throw new Error('nothing is bound to /out');
}
