/** `kfs lab …`: tells the lab where the state directory has its folder, its plan and its keys. */
import type { Command } from 'commander';
import { registerLab } from '../../lab/cli.ts';
import { globals } from './context.ts';
import { holdState, stateWithDisks } from './lab-state.ts';

export function register(program: Command): void {
  registerLab(program, command => {
    const { paths, json } = globals(command);
    return {
      dir: paths.lab,
      plan: paths.plan,
      json,
      key: paths.sshKey,
      knownHosts: paths.knownHosts,
      sshConfig: paths.sshConfig,
      mirror: paths.mirror,
      state: { present: () => stateWithDisks(paths), hold: () => holdState(paths) },
    };
  });
}
