/** Writes what follows from the plan into the state directory: `cluster.env` and the ssh_config. */
import { chmodSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { KfsError } from '../errors.ts';
import type { StatePaths } from '../state.ts';
import { environmentFor, renderEnv } from './environment.ts';
import type { Plan } from './plan.ts';
import { renderSshConfig, type SshOptions } from './ssh.ts';
import { writeWhole } from './write.ts';

export interface RenderOptions extends SshOptions {
  checkout: string;
}

/** Files that were changed, none when all of them were as they should be. */
export function renderState(plan: Plan | null, paths: StatePaths, options: RenderOptions): string[] {
  try {
    for (const dir of [paths.root, dirname(paths.sshConfig), paths.work])
      mkdirSync(dir, { recursive: true, mode: 0o700 });
    const files: [string, string][] = [
      [paths.env, clusterEnv(plan, paths, options.checkout)],
      [paths.sshConfig, renderSshConfig(plan, paths, options)],
    ];
    return files.flatMap(([file, text]) => (writeChanged(file, text) ? [file] : []));
  } catch (error) {
    if (error instanceof KfsError) throw error;
    const { code, path } = error as NodeJS.ErrnoException;
    const next = 'look at free space and permissions, or choose another directory with `--state`';
    throw new KfsError(
      code === 'ENOSPC' ? 'disk-full' : 'state-broken',
      `${path ?? paths.root} cannot be written (${code})`,
      { next, cause: error },
    );
  }
}

const HEADER = `# What steps on the workstation see. Rendered from the plan by kfs: change the plan, not this file.
# To run steps by hand, start bash and source it:  . cluster.env
`;

const clusterEnv = (plan: Plan | null, paths: StatePaths, checkout: string): string =>
  HEADER + renderEnv(environmentFor(plan, paths, 'workstation', { checkout }));

function writeChanged(file: string, text: string): boolean {
  if (readOr(file) !== text) {
    writeWhole(file, text, 0o600);
    return true;
  }
  if ((statSync(file).mode & 0o777) === 0o600) return false;
  chmodSync(file, 0o600);
  return true;
}

function readOr(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
