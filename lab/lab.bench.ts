/**
 * What the lab costs: power-on to ssh, of the book's own image too, bringing it up when everything is cached, the
 * memory of three machines, saving and restoring. Goals: 15 s, 20 s, 8 GiB.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureTestImage } from './image/test-image.ts';
import { Lab } from './lab.ts';
import { installImage, type Login, start } from './testing/real-image.ts';
import { noLab, planOf, sshTo, switchOn } from './testing/support.ts';
import { ensureKernel } from './uml/kernel.ts';

const MACHINES = 3;
const MIB = 2 ** 20;

/** Proportional share of memory of all processes that work for a lab, in bytes: what would be free without them. */
function memoryOf(text: string): number {
  let sum = 0;
  for (const pid of readdirSync('/proc').filter(name => /^\d+$/.test(name))) {
    try {
      if (!readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(text)) continue;
      const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
      sum += Number(rollup.match(/^Pss: +(\d+) kB/m)?.[1] ?? 0) * 1024;
    } catch {
      // it ended while we looked
    }
  }
  return sum;
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work();
  return (performance.now() - from) / 1000;
}

const line = (what: string, value: string, goal: string): void => {
  console.log(`${what.padEnd(44)} ${value.padStart(10)}   goal ${goal}`);
};

async function main(): Promise<void> {
  if (noLab) return console.log(`not run: ${noLab}`);
  const folder = await mkdtemp(join(tmpdir(), 'kfs-lab-bench-'));
  const lab = new Lab(join(folder, 'lab'));
  try {
    await ensureKernel();
    const image = await ensureTestImage();
    const plan = await planOf(folder, MACHINES);
    console.log(`load ${loadavg()[0]!.toFixed(1)} on ${availableParallelism()} processors`);
    const up = await seconds(() => lab.up({ plan, settings: { image } }));
    const first = await seconds(() => switchOn(lab, 'n1'));
    line('lab up, cached, and one machine answers', `${(up + first).toFixed(1)} s`, '20 s');
    await lab.power('n1', 'off');
    line('power-on to ssh', `${(await seconds(() => switchOn(lab, 'n1'))).toFixed(1)} s`, '15 s');
    const rest = plan.machines.slice(1).map(machine => machine.name);
    const others = await seconds(() => Promise.all(rest.map(name => switchOn(lab, name))));
    line(`power-on to ssh, ${rest.length} at once`, `${others.toFixed(1)} s`, '–');
    line(
      `memory of ${MACHINES} idle machines and the network`,
      `${Math.round(memoryOf(lab.paths.run) / MIB)} MiB`,
      '8192 MiB',
    );
    const copy = await seconds(() => sshTo(lab, image, 'n1', 'head -c 200M /dev/zero >/root/x; sync'));
    line('200 MiB written and synced in a machine', `${copy.toFixed(1)} s`, '–');
    await Promise.all(plan.machines.map(machine => lab.power(machine.name, 'off')));
    line(`save ${MACHINES} machines`, `${(await seconds(() => lab.save('bench'))).toFixed(1)} s`, 'seconds');
    line(
      `restore ${MACHINES} machines`,
      `${(await seconds(() => lab.restore('bench'))).toFixed(1)} s`,
      'seconds',
    );
    await lab.down({ erase: true });
    await realImage(folder);
  } finally {
    await lab.down({ erase: true });
    await rm(folder, { recursive: true, force: true });
  }
}

/** The image that the book makes, installed on an empty disk from its stick, then started like any other day. */
async function realImage(folder: string): Promise<void> {
  const lab = new Lab(join(folder, 'real'));
  try {
    const plan = await planOf(folder, 1);
    const machine = plan.machines[0]!;
    await lab.up({ plan, settings: { image: undefined } });
    let login: Login | undefined;
    const installed = await seconds(async () => {
      login = await installImage(lab, machine, folder);
    });
    line("the book's image: stick made, installed, first start", `${installed.toFixed(1)} s`, '–');
    for (const [how, off] of [
      ['power-on to ssh', 'off'],
      ['power back to ssh after a cut', 'cut'],
    ] as const) {
      await lab.power(machine.name, off);
      line(`  ${how}`, `${(await seconds(() => start(lab, machine.name))).toFixed(1)} s`, '15 s');
    }
    const units = await login!('systemctl is-system-running --wait; systemd-analyze time | head --lines=1');
    console.log(`  ${units.replaceAll('\n', ': ')}`);
  } finally {
    await lab.down({ erase: true });
  }
}

await main();
