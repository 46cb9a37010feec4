/** What it takes to get from nothing to a lab that is up, with a plan; or to bring a lab up again. */
import { constants, existsSync } from 'node:fs';
import { copyFile, link, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { engineOf } from '../../../lab/engine.ts';
import { Lab, labExists } from '../../../lab/lab.ts';
import { isBlank } from '../../../lab/machine/boot.ts';
import { ensurePrograms } from '../../../lab/packages.ts';
import { machinePaths } from '../../../lab/paths.ts';
import { probe } from '../../../lab/probe.ts';
import { type Backend, DEFAULTS, proposePlan, readPlan } from '../../../lab/spec.ts';
import { ensureBuilder } from '../../../software/builder/builder.ts';
import { ensureImage } from '../../../software/os-image/build.ts';
import { loadPlanIfAny } from '../../plan/load.ts';
import type { Plan } from '../../plan/plan.ts';
import type { StatePaths } from '../../state.ts';
import type { LabOutcome, LabTry, LabWork } from './lab-keeping.ts';
import type { Stage } from './lab-meter.ts';

const STAGES: Stage[] = [
  { phase: 'host', what: 'what this computer allows', expected: 2 },
  { phase: 'builder', what: 'the builder, a small Debian in which the rest is made', expected: 60 },
  { phase: 'kernel', what: "the kernel of the lab's machines", expected: 240 },
  { phase: 'image', what: "the machines' operating system", expected: 180 },
  { phase: 'network', what: 'the network and the machine', expected: 5 },
];

export const labWork = (paths: StatePaths): LabWork => ({
  stages: STAGES,
  run: attempt => (existsSync(paths.plan) ? again(paths, attempt) : first(paths, attempt)),
});

/** The plan comes last: what it names is there. */
async function first(paths: StatePaths, attempt: LabTry): Promise<LabOutcome> {
  const lacking = await lookAtHost(attempt);
  if (lacking) return lacking;
  const lab = new Lab(paths.lab);
  const existed = labExists(paths.lab);
  const backend = existed ? (await lab.spec()).settings.backend : DEFAULTS.backend;
  await makeParts(backend, attempt);
  attempt.begin('network');
  if (existsSync(paths.plan)) return again(paths, attempt);
  const draft = `${paths.plan}.lab`;
  await mkdir(paths.root, { recursive: true, mode: 0o700 });
  const text = proposePlan(1, backend, relative(dirname(paths.plan), lab.paths.sshConfig));
  await writeFile(draft, text, { mode: 0o600 });
  try {
    await bringUp(lab, draft, paths, attempt);
    if (await putNew(draft, paths.plan)) return await ready(lab, await readPlan(draft));
  } finally {
    await rm(draft, { force: true });
  }
  // Another plan was written while the network came up: ours has never been in force.
  await lab.down({ cut: true, erase: !existed });
  return again(paths, attempt);
}

/** There is a plan. A lab is for those of a lab only, and one that is up is left alone. */
async function again(paths: StatePaths, attempt: LabTry): Promise<LabOutcome> {
  const lab = new Lab(paths.lab);
  const plan = planIfRight(paths);
  if (!plan || !isOf(lab, plan, paths.plan) || (await lab.status()).up) return null;
  const lacking = await lookAtHost(attempt);
  if (lacking) return lacking;
  attempt.begin('network');
  await bringUp(lab, paths.plan, paths, attempt);
  return ready(lab, plan);
}

/** What a plan that cannot be used lacks is told elsewhere. */
function planIfRight(paths: StatePaths): Plan | null {
  try {
    return loadPlanIfAny(paths.plan);
  } catch {
    return null;
  }
}

const isOf = (lab: Lab, { machines, ssh }: Plan, file: string): boolean =>
  machines.every(({ power }) => power === 'lab') &&
  ssh.config !== undefined &&
  resolve(dirname(file), ssh.config) === lab.paths.sshConfig;

/** Also installs what programs are missing: that they cannot be had should be known first. */
async function lookAtHost({ begin, report }: LabTry): Promise<LabOutcome> {
  begin('host');
  const lacking = probe().find(finding => finding.needed && !finding.ok);
  if (lacking)
    return { impossible: `${lacking.what}: ${lacking.why}`, ...(lacking.next && { next: lacking.next }) };
  await ensurePrograms(report);
  return null;
}

async function makeParts(backend: Backend, { begin, report, signal }: LabTry): Promise<void> {
  begin('builder');
  await ensureBuilder(report, signal);
  begin('kernel');
  await engineOf({ ...DEFAULTS, backend }, report, signal);
  begin('image');
  await ensureImage({ report, signal });
}

async function bringUp(lab: Lab, plan: string, paths: StatePaths, { report, signal }: LabTry): Promise<void> {
  await lab.up({ plan: await readPlan(plan), settings: { mirror: paths.mirror }, report, signal });
}

/** Never over what is there: false then. */
async function putNew(from: string, to: string): Promise<boolean> {
  const there = (error: NodeJS.ErrnoException) => error.code === 'EEXIST';
  try {
    await link(from, to).catch((error: NodeJS.ErrnoException) => {
      if (there(error)) throw error;
      return copyFile(from, to, constants.COPYFILE_EXCL); // a file system without second names
    });
    return true;
  } catch (error) {
    if (there(error as NodeJS.ErrnoException)) return false;
    throw error;
  }
}

async function ready(lab: Lab, { machines }: { machines: { name: string }[] }): Promise<LabOutcome> {
  const names = machines.map(({ name }) => name).join(', ');
  const which =
    machines.length === 1 ? `A lab machine is ready: ${names}` : `Lab machines are ready: ${names}`;
  const first = machines[0]?.name ?? '';
  const empty = await isBlank(machinePaths(lab.paths, first).disk(0));
  const how = empty
    ? 'The chapter Operating system bring-up installs and switches on; to see a machine at once: kfs --state DIR lab up --image test'
    : `By hand it is switched on with kfs lab power ${first} on`;
  return { ready: `${which}. ${how}` };
}
