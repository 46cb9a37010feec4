/** The lab: up, down, power, status, save and restore. What the command line and the runner use. */
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { KfsError } from '../runner/errors.ts';
import { type Lock, type Report, shareLock, takeLock } from '../software/builder/cache.ts';
import { replaceFile } from '../software/place.ts';
import { blank, ensureDisks, needLabSpace, refuseOtherSizes } from './disks.ts';
import { type Engine, engineOf, ensureFirmware } from './engine.ts';
import { type Action, ask, type LabStatus } from './keeper/protocol.ts';
import { keeperPid, startKeeper, stopKeeper } from './launch.ts';
import { readBootFile } from './machine/boot.ts';
import { refuseNoStick } from './machine/stick.ts';
import { chooseUplink } from './network/uplink.ts';
import { ensurePrograms } from './packages.ts';
import { type LabPaths, labPaths, machinePaths } from './paths.ts';
import { requireHost } from './probe.ts';
import { forgetRestore, restore } from './restore.ts';
import { removeSaveDrafts, save } from './saves.ts';
import { checkPlan, type LabPlan, type LabSettings, settled } from './spec.ts';
import { writeSsh } from './ssh.ts';

export type { Report } from '../software/builder/cache.ts';
export type { Action, LabStatus, MachineStatus } from './keeper/protocol.ts';

export interface UpOptions {
  plan: LabPlan;
  /** What is not given stays as it was at the last `up` of this lab, or has its default; see `settled`. */
  settings?: Partial<LabSettings>;
  report?: Report;
  signal?: AbortSignal;
}

/** What is remembered in `lab.json`. */
interface Spec {
  plan: LabPlan;
  settings: LabSettings;
}

/** Emptying a machine's disks takes no longer; a save does. */
const DISKS_PATIENCE_MS = 1000;

export class Lab {
  readonly paths: LabPaths;

  constructor(dir: string) {
    this.paths = labPaths(dir);
  }

  /**
   * Brings network and machines into being; the machines stay off. Brings up what a crash left; on a lab that is up
   * with the same plan it does nothing.
   */
  async up(options: UpOptions): Promise<LabStatus> {
    const report = options.report ?? (() => {});
    await mkdir(this.paths.root, { recursive: true, mode: 0o700 });
    const lock = await takeLock(this.paths.upLock, 'the lab ready', options);
    try {
      await this.clearUp();
      const given = options.settings ?? {};
      const before = (await this.spec().catch(() => undefined))?.settings;
      const settings = settled(before, given);
      refuseOtherSizes(this.paths, options.plan, before, given);
      checkPlan(options.plan, settings.backend);
      const spec: Spec = { plan: options.plan, settings };
      const running = await this.status();
      if (running.up && (await this.sameAs(spec))) return running;
      if (running.up) this.refuseWhileOn(running, 'the plan or the settings changed');
      await ensurePrograms(report);
      await requireHost();
      const engine = await engineOf(settings, report, options.signal);
      await stopKeeper(this.paths);
      await this.makeMachines(spec, engine);
      report({ phase: 'network', done: 0, total: 1, text: 'starting the network' });
      await startKeeper(this.paths, { ...spec, uplink: chooseUplink(), ...engine });
      await writeSsh(this.paths, options.plan.machines);
      await this.remember(spec);
      report({ phase: 'network', done: 1, total: 1, text: 'the network is there' });
      return (await ask(this.paths.socket, { type: 'status' }))!;
    } finally {
      await lock.release();
    }
  }

  /**
   * Shuts the machines down (or pulls the plug, with `cut`), then ends everything. The disks stay; `erase`
   * removes machines and settings too.
   */
  async down(options: { erase?: boolean; cut?: boolean } = {}): Promise<void> {
    const status = await this.status();
    const on = status.up ? status.machines.filter(machine => machine.power === 'on') : [];
    if (!options.cut && !options.erase) await Promise.all(on.map(machine => this.power(machine.name, 'off')));
    await stopKeeper(this.paths);
    if (options.erase && existsSync(this.paths.root)) await this.erase();
  }

  private async erase(): Promise<void> {
    const { machines, spec, logs, restoring, sshConfig, connect } = this.paths;
    const lock = await takeLock(this.paths.disksLock, 'a saved state');
    try {
      for (const path of [restoring, machines, spec, logs, sshConfig, connect]) {
        await rm(path, { recursive: true, force: true });
      }
      await this.clearUp();
    } finally {
      await lock.release();
    }
  }

  /** What a save or a restore that was killed has left. Wants a lock of theirs. */
  private async clearUp(): Promise<void> {
    await forgetRestore(this.paths);
    await removeSaveDrafts(this.paths);
  }

  /** For work on disks: no other such work goes on meanwhile, and no machine is switched on. */
  private async withDisks<T>(work: () => Promise<T>, report?: Report): Promise<T> {
    await mkdir(this.paths.root, { recursive: true, mode: 0o700 });
    const up = await takeLock(this.paths.upLock, 'the lab ready', { report });
    try {
      const disks = await takeLock(this.paths.disksLock, 'a saved state');
      try {
        return await work();
      } finally {
        await disks.release();
      }
    } finally {
      await up.release();
    }
  }

  async status(): Promise<LabStatus | { up: false }> {
    if (!(await keeperPid(this.paths))) return { up: false };
    return (await ask(this.paths.socket, { type: 'status' }).catch(() => undefined)) ?? { up: false };
  }

  /** To switch on is refused while disks are being saved or restored. */
  async power(name: string, action: Action): Promise<void> {
    const starts = (action === 'on' || action === 'reset') && existsSync(this.paths.root);
    const lock = starts ? await this.shareDisks(name, action) : undefined;
    try {
      await ask(this.paths.socket, { type: 'power', name, action });
    } finally {
      await lock?.release();
    }
  }

  private async shareDisks(name: string, action: Action): Promise<Lock> {
    const limit = Date.now() + DISKS_PATIENCE_MS;
    for (;;) {
      const lock = await shareLock(this.paths.disksLock);
      if (lock) return lock;
      if (Date.now() > limit) break;
      await sleep(100);
    }
    throw new KfsError('refused', `${name} stays off: the disks of the lab are being saved or restored`, {
      next: `when that has ended: kfs lab power ${name} ${action}`,
    });
  }

  /** Socket of a machine's serial console: throws when the lab is not up, or has no such machine. */
  async consoleOf(name: string): Promise<string> {
    const status = await this.status();
    if (!status.up) throw new KfsError('lab-failed', 'the lab is not up', { next: 'kfs lab up' });
    const names = status.machines.map(machine => machine.name);
    if (names.includes(name)) return machinePaths(this.paths, name).console;
    throw new KfsError('usage', `there is no machine ${name} in the lab`, {
      next: `its machines are ${names.join(', ')}`,
    });
  }

  /** Plugs a stick (an image file) into a machine, or pulls it out when none is named. */
  async stick(name: string, file?: string): Promise<void> {
    if (file) await refuseNoStick(name, resolve(file), 'usage');
    await ask(this.paths.socket, { type: 'stick', name, ...(file ? { file: resolve(file) } : {}) });
  }

  /** Resolves when the machine has switched itself off. */
  async waitForOff(name: string, timeoutMs: number): Promise<void> {
    await ask(this.paths.socket, { type: 'wait-off', name, timeoutMs });
  }

  /** Resolves when the machine's ssh server greets. */
  async waitForSsh(name: string, timeoutMs: number): Promise<void> {
    await ask(this.paths.socket, { type: 'wait', name, timeoutMs });
  }

  /** Process number for `insideLabArgv`. */
  async insidePid(): Promise<string> {
    const pid = await keeperPid(this.paths);
    if (pid) return pid;
    throw new KfsError('lab-failed', 'the lab is not up', { next: 'kfs lab up' });
  }

  /** Empties the disks of a machine that is off: as from the factory. */
  async wipe(name: string): Promise<void> {
    await this.spec();
    await this.withDisks(() => this.empty(name));
  }

  private async empty(name: string): Promise<void> {
    await this.clearUp();
    const { plan, settings } = await this.spec();
    const machine = plan.machines.find(candidate => candidate.name === name);
    if (!machine)
      throw new KfsError('usage', `there is no machine ${name} in the lab`, { next: 'kfs lab status' });
    const status = await this.status();
    const on = status.up && status.machines.some(other => other.name === name && other.power !== 'off');
    if (on) throw new KfsError('refused', `${name} is on`, { next: `kfs lab power ${name} off` });
    const files = machinePaths(this.paths, name);
    for (let index = 0; index <= machine.data.length; index++) {
      await blank(files.disk(index), (index === 0 ? settings.disk : settings.data) * 2 ** 30);
    }
  }

  /** Keeps the disks, with files and folders that the caller names; `whole`: they are all of the state around. */
  async save(name: string, folders: string[] = [], whole = false, report?: Report): Promise<void> {
    const work = async () => {
      this.refuseWhileOn(await this.status(), `saving ${name}`);
      await this.clearUp();
      await save(this.paths, name, folders, whole);
    };
    await this.withDisks(work, report);
  }

  /**
   * Refused while any machine is on. The lab is down afterwards: what was saved may have other machines. For `folders`
   * and `present` see `restore.ts`.
   */
  async restore(
    name: string,
    folders: string[] = [],
    present: string[] = [],
    report?: Report,
  ): Promise<void> {
    const work = async () => {
      this.refuseWhileOn(await this.status(), `restoring ${name}`);
      await stopKeeper(this.paths);
      await removeSaveDrafts(this.paths);
      await restore(this.paths, name, folders, present);
    };
    await this.withDisks(work, report);
  }

  private refuseWhileOn(status: LabStatus | { up: false }, what: string): void {
    const on = status.up ? status.machines.filter(machine => machine.power !== 'off') : [];
    if (on.length === 0) return;
    const names = on.map(machine => machine.name).join(', ');
    throw new KfsError('refused', `${what}: ${names} ${on.length === 1 ? 'is' : 'are'} on`, {
      next: on.map(machine => `kfs lab power ${machine.name} off`).join('; '),
    });
  }

  async spec(): Promise<Spec> {
    const text = await readFile(this.paths.spec, 'utf8').catch(() => undefined);
    if (!text) throw new KfsError('lab-failed', 'there is no lab here yet', { next: 'kfs lab up' });
    return JSON.parse(text) as Spec;
  }

  private async sameAs(spec: Spec): Promise<boolean> {
    return JSON.stringify(await this.spec().catch(() => undefined)) === JSON.stringify(spec);
  }

  private remember(spec: Spec): Promise<void> {
    return replaceFile(this.paths.spec, JSON.stringify(spec));
  }

  private async makeMachines({ plan, settings }: Spec, engine: Engine): Promise<void> {
    const clone = settings.image ? (await readBootFile(settings.image)).clone : undefined;
    const from = clone ? join(settings.image!, clone) : undefined;
    await needLabSpace(this.paths.root, plan.machines.length * 2 * 2 ** 30, 'the lab');
    for (const machine of plan.machines) {
      const files = machinePaths(this.paths, machine.name);
      await ensureDisks(machine, files, settings, from);
      if (engine.emulator) await ensureFirmware(engine.emulator, files.firmware);
    }
  }
}

/** True when a lab was brought up in this folder before. */
export const labExists = (dir: string): boolean => existsSync(labPaths(dir).spec);
