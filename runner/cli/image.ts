/** `kfs image`: tells the image's commands which machines the plan has. */
import type { Command } from 'commander';
import { register as registerImage } from '../../software/os-image/cli.ts';
import { loadPlan } from '../plan/load.ts';
import { globals } from './context.ts';
import { progressLine } from './progress.ts';

export function register(program: Command): void {
  registerImage(program, command => {
    const { paths, json } = globals(command);
    const machines = () => loadPlan(paths.plan).machines.map(({ name, mac, disk }) => ({ name, mac, disk }));
    return { json, report: progressLine(), mirror: paths.mirror, machines };
  });
}
