/** For the tests: the lab's plan, a state folder of its own, and verifiers that share no code with us. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Plan, PlannedMachine } from '../../plan/plan.ts';
import { type StatePaths, statePaths } from '../../state.ts';
import { filesBelow } from '../files.ts';
import { init } from '../init.ts';

export const machine = (number: number, more: Partial<PlannedMachine> = {}): PlannedMachine => ({
  name: `n${number}`,
  mac: `52:54:00:00:00:0${number}`,
  address: `10.77.0.${10 + number}`,
  roles: ['etcd', 'control', 'storage', 'node'],
  disk: '/dev/vda',
  data: ['/dev/vdb'],
  power: 'lab',
  ...more,
});

export const lab = (more: Partial<Plan> = {}): Plan => ({
  name: 'lab',
  domain: 'kfs.internal',
  network: {
    subnet: '10.77.0.0/24',
    router: '10.77.0.1',
    dns: ['10.77.0.1'],
    time: ['10.77.0.1'],
    workstation: '10.77.0.2',
  },
  pods: '10.244.0.0/16',
  services: '10.96.0.0/16',
  api: { name: 'api.kfs.internal', address: '10.77.0.10' },
  mirror: { port: 8080 },
  versions: {},
  ssh: { user: 'core' },
  machines: [machine(1)],
  ...more,
});

const folders: string[] = [];

/** An empty state folder that `cleanUp` removes. */
export function emptyState(): StatePaths {
  const folder = mkdtempSync(join(tmpdir(), 'kfs-pki-'));
  folders.push(folder);
  return statePaths(folder);
}

let made: StatePaths | undefined;

/** A copy of a state folder in which everything of the lab's plan has been made. */
export function fullState(): StatePaths {
  if (!made) {
    made = emptyState();
    init(lab(), made);
  }
  const copy = emptyState();
  execFileSync('cp', ['--archive', `${made.root}/.`, copy.root]);
  return copy;
}

export const cleanUp = (): void => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  made = undefined;
};

/** Path to everything that a change would show in: contents, mode, time of change. */
export const picture = (folder: string): Record<string, string> =>
  Object.fromEntries(
    filesBelow(folder).map(file => {
      const { mode, mtimeNs, ino } = statSync(join(folder, file), { bigint: true });
      return [file, `${mode.toString(8)} ${mtimeNs} ${ino} ${readFileSync(join(folder, file), 'utf8')}`];
    }),
  );

/** Output of openssl, or its complaint; `ok` tells which. */
export function openssl(...args: string[]): { ok: boolean; output: string } {
  const { status, stdout, stderr } = spawnSync('openssl', args, { encoding: 'utf8', input: '' });
  return { ok: status === 0, output: stdout + stderr };
}

export const text = (file: string): string =>
  execFileSync('openssl', ['x509', '-in', file, '-noout', '-text'], { encoding: 'utf8' });
