/** `kfs install`: tells it the plan's machines, the keys, and, where the machines are a lab's, the way into its network. */
import { join } from 'node:path';
import type { Command } from 'commander';
import { Lab } from '../../lab/lab.ts';
import { insideLabArgv } from '../../lab/ssh.ts';
import { register as registerInstall } from '../../software/os-image/install/cli.ts';
import { loadPlan } from '../plan/load.ts';
import { CHECKOUT, type Globals, globals } from './context.ts';

export function register(program: Command): void {
  registerInstall(program, command => {
    const at = globals(command);
    const { paths, json } = at;
    const plan = loadPlan(paths.plan);
    const inLab = plan.machines.every(({ power }) => power === 'lab');
    return {
      json,
      configs: join(paths.root, 'os'),
      mirror: {
        folder: paths.mirror,
        url: `http://${plan.network.workstation}:${plan.mirror.port}`,
      },
      tls: {
        certificate: join(paths.pki, 'workstation', 'server.crt'),
        key: join(paths.pki, 'workstation', 'server.key'),
        ca: join(paths.pki, 'services', 'ca.crt'),
      },
      workstation: plan.network.workstation,
      machines: plan.machines.map(({ name, mac, address, disk }) => ({ name, mac, address, disk })),
      elsewhere: async () => (inLab ? serveInLab(at) : undefined),
    };
  });
}

/** The workstation's address in a lab exists in the lab's network only. */
async function serveInLab({ paths }: Globals): Promise<string[]> {
  const kfs = [join(CHECKOUT, 'kfs'), '--state', paths.root, '--plan', paths.plan];
  return insideLabArgv(await new Lab(paths.lab).insidePid(), [...kfs, 'install', 'serve']);
}
