/** `kfs software` and `kfs mirror`: tells them where the state directory and the plan's mirror are. */
import type { Command } from 'commander';
import { register as registerSoftware } from '../../software/cli.ts';
import { registerMirror } from '../../software/mirror-cli.ts';
import { globals } from './context.ts';
import { planOrNull } from './open.ts';
import { progressLine } from './progress.ts';

export function register(program: Command): void {
  const context = (command: Command) => {
    const at = globals(command);
    const planned = () => {
      const plan = planOrNull(at);
      return plan ? { address: plan.network.workstation, port: plan.mirror.port } : undefined;
    };
    return { mirror: at.paths.mirror, json: at.json, report: progressLine(), planned };
  };
  registerSoftware(program, context);
  registerMirror(program, context);
}
