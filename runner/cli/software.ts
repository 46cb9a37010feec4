/** `kfs software` and `kfs mirror`: wires software/cli.ts to the state directory. */
import type { Command } from 'commander';
import { register as registerSoftware } from '../../software/cli.ts';
import { globals } from './context.ts';
import { progressLine } from './progress.ts';

export function register(program: Command): void {
  registerSoftware(program, command => {
    const { paths, json } = globals(command);
    return { mirror: paths.mirror, json, report: progressLine() };
  });
}
