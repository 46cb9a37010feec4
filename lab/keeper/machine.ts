/** One machine of a running lab: its power, its process, its console. */
import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { KfsError } from '../../runner/errors.ts';
import { type Boot, decideBoot } from '../machine/boot.ts';
import { onOneProcessor } from '../machine/processor.ts';
import { qemuArgv, qemuPowerButton } from '../machine/qemu.ts';
import { type Hardware, memoryFolder, umlArgv, umlPowerButton } from '../machine/uml.ts';
import { tapName } from '../network/router.ts';
import { type LabPaths, type MachinePaths, machinePaths } from '../paths.ts';
import type { LabMachine } from '../spec.ts';
import { Console } from './console.ts';
import type { Action, Launch, MachineStatus } from './protocol.ts';

/** How long an orderly shutdown may take. */
const OFF_LIMIT_MS = 120_000;
/** A system that has just come up may not listen to its power button yet: a person would press again. */
const PRESS_AGAIN_MS = 10_000;
/** Starts in this time that make a restart a loop. */
const LOOP = { starts: 5, withinMs: 60_000 };

export class RunningMachine {
  readonly console: Console;
  private child: ChildProcess | undefined;
  private gone: Promise<void> = Promise.resolve();
  private power: MachineStatus['power'] = 'off';
  private boot: Boot | undefined;
  private since = new Date();
  private starts: number[] = [];
  private ended: string | undefined;
  private stick: string | undefined;
  /** False once someone wants it off: then its end is not a restart. */
  private wanted = false;
  private queue: Promise<unknown> = Promise.resolve();
  private readonly spec: LabMachine;
  private readonly index: number;
  private readonly launch: Launch;
  private readonly paths: LabPaths;
  private readonly files: MachinePaths;

  constructor(spec: LabMachine, index: number, launch: Launch, paths: LabPaths) {
    this.spec = spec;
    this.index = index;
    this.launch = launch;
    this.paths = paths;
    this.files = machinePaths(paths, spec.name);
    this.console = new Console(this.files.log, this.files.console);
  }

  status(): MachineStatus {
    const { name, address, mac } = this.spec;
    return {
      ...{
        name,
        address,
        mac,
        power: this.power,
        since: this.since.toISOString(),
        starts: this.starts.length,
      },
      ...(this.power !== 'off' && this.boot ? { from: this.boot.from } : {}),
      ...(this.child?.pid ? { pid: this.child.pid } : {}),
      ...(this.stick ? { stick: this.stick } : {}),
      ...(this.ended ? { ended: this.ended } : {}),
    };
  }

  /** Plugs a stick in, or pulls it out: to be seen at the next power-on. */
  plugStick(file?: string): void {
    this.console.note(file ? `stick plugged in: ${file}` : 'stick pulled out');
    this.stick = file;
  }

  /** One press of the button after another; `cut` and `reset` do not wait for an orderly shutdown to end. */
  act(action: Action): Promise<void> {
    if (action === 'cut') return this.cut('power cut');
    if (action === 'reset' && this.power === 'stopping') this.kill();
    const next = this.queue.then(() => this[action]());
    this.queue = next.catch(() => {});
    return next;
  }

  private async on(): Promise<void> {
    if (this.child) return;
    this.wanted = true;
    this.ended = undefined;
    this.starts = [];
    await this.start();
  }

  private async off(): Promise<void> {
    if (!this.child) return this.cut('power cut');
    this.wanted = false;
    this.change('stopping');
    const limit = Date.now() + OFF_LIMIT_MS;
    while (Date.now() < limit) {
      await this.pressPowerButton();
      if (await this.goneWithin(PRESS_AGAIN_MS)) return;
    }
    this.change('on');
    this.wanted = true;
    const { name } = this.spec;
    throw new KfsError('lab-failed', `${name} did not shut down in ${OFF_LIMIT_MS / 1000} s`, {
      next: `look at its console (kfs lab console ${name}), or pull the plug: kfs lab power ${name} cut`,
    });
  }

  private async pressPowerButton(): Promise<void> {
    this.console.note('power button pressed');
    const press = this.launch.settings.backend === 'uml' ? umlPowerButton : qemuPowerButton;
    await press(this.paths.run, this.spec.name).catch((error: Error) => this.console.note(error.message));
  }

  private async goneWithin(ms: number): Promise<boolean> {
    const timer = new AbortController();
    const late = sleep(ms, false, { signal: timer.signal }).catch(() => false);
    const gone = await Promise.race([this.gone.then(() => true), late]);
    timer.abort();
    return gone;
  }

  private async cut(note: string): Promise<void> {
    this.wanted = false;
    if (!this.child) return this.power === 'off' ? undefined : this.change('off');
    this.console.note(note);
    this.kill();
    await this.gone;
  }

  private async reset(): Promise<void> {
    await this.cut('reset');
    await this.on();
  }

  /** The machine and the helpers that it started: they share its process group. Nothing is flushed. */
  private kill(): void {
    if (!this.child?.pid) return;
    try {
      process.kill(-this.child.pid, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }

  private async start(): Promise<void> {
    const { launch, files, spec } = this;
    const disk = files.disk(0);
    const stick = this.stick ? { stick: this.stick } : {};
    const context = { machine: spec, network: launch.plan.network, disk, scratch: files.root, ...stick };
    const image = launch.settings.image ? { image: launch.settings.image } : {};
    this.boot = await decideBoot({ ...context, ...image, loader: launch.settings.backend === 'uml' });
    if (!this.wanted) return; // the plug was pulled meanwhile
    const { argv, env } = this.commandLine(this.boot);
    const child = spawn(argv[0]!, argv.slice(1), {
      cwd: this.paths.run,
      env: { ...process.env, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    this.child = child;
    this.starts.push(Date.now());
    this.console.plug(child.stdout!, child.stdin!);
    child.stderr!.on('data', (bytes: Buffer) => this.console.note(bytes.toString().trimEnd()));
    this.change('on');
    this.gone = new Promise(resolve => {
      child.on('error', error => {
        this.ended = error.message;
        if (!child.pid) this.over(child, resolve);
      });
      child.on('exit', (status, signal) => {
        this.kill(); // helpers that outlive the kernel
        if (this.wanted) this.ended = howItEnded(this.console.recent, status, signal);
        this.over(child, resolve);
      });
    });
  }

  private over(child: ChildProcess, resolve: () => void): void {
    if (this.child !== child) return;
    this.child = undefined;
    this.console.unplug();
    if (this.wanted && this.ended === RESTART) {
      this.ended = undefined;
      this.queue = this.queue.then(() => this.again());
    } else {
      this.wanted = false;
      this.change('off');
    }
    resolve();
  }

  /** While it restarts it counts as on: nobody has switched it off. */
  private async again(): Promise<void> {
    if (!this.wanted) return;
    const recent = this.starts.filter(at => Date.now() - at < LOOP.withinMs);
    if (recent.length >= LOOP.starts) this.ended = `it restarted ${recent.length} times in a minute`;
    else await this.start().catch((error: Error) => this.note(error));
    if (!this.ended) return;
    this.wanted = false;
    this.change('off');
  }

  private note(error: Error): void {
    this.ended = error.message;
    this.console.note(error.message);
  }

  private commandLine(boot: Boot): { argv: string[]; env: Record<string, string> } {
    const { launch, files, spec, paths } = this;
    const count = 1 + spec.data.length;
    const hardware: Hardware = {
      ...{
        name: spec.name,
        mac: spec.mac,
        tap: tapName(this.index),
        memory: launch.settings.memory,
        run: paths.run,
      },
      disks: Array.from({ length: count }, (_, index) => files.disk(index)),
      ...(this.stick ? { stick: this.stick } : {}),
    };
    if (launch.settings.backend === 'uml') {
      return {
        argv: [...onOneProcessor(launch.kernel!.linux), ...umlArgv(launch.kernel!, hardware, boot)],
        env: { TMPDIR: memoryFolder(launch.settings.memory, files.root) },
      };
    }
    const pc = { ...hardware, vars: files.firmware, firmware: launch.settings.firmware };
    return { argv: qemuArgv(launch.emulator!, pc, boot), env: launch.emulator!.env };
  }

  private change(power: MachineStatus['power']): void {
    this.power = power;
    this.since = new Date();
  }
}

const RESTART = 'it restarted';

/** Both emulators end alike on a restart and on a shutdown: the kernel's last words tell which it was. */
function howItEnded(recent: string, status: number | null, signal: string | null): string | undefined {
  const last = recent.slice(-2048);
  if (/reboot: Restarting system/.test(last)) return RESTART;
  if (/reboot: (Power down|System halted)|Power off|System halted/.test(last)) return undefined;
  const panic = last.match(/Kernel panic[^\r\n]*/)?.[0];
  return panic ?? `it ended by itself (${signal ?? `status ${status}`}); its console log tells more`;
}
