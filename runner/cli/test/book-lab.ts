/** A book on a machine of the lab, in a state directory of its own: for suites that treat it badly and look after. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { appendFileSync, closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Lab } from '../../../lab/lab.ts';
import { compileBook } from '../../book/compile.ts';
import { CHECKOUT, statePaths } from '../../state.ts';
import { stateWithDisks } from '../lab-state.ts';
import { asRoot } from './as-root.ts';
import type { Suite } from './suite.ts';

const KFS = join(CHECKOUT, 'kfs');
const MACHINE = 'n1';
const START_LIMIT_MS = 5 * 60_000;

/** A suite that needs a lab: where none can run it is skipped, with the reason. */
export const inLab =
  (run: Suite['run']): Suite['run'] =>
  async context => {
    const lacks = labLacks();
    if (!lacks) return run(context);
    process.stdout.write(`skipped: this host cannot run a lab: ${lacks}\n`);
    return { passed: 0, failed: 0, skipped: 1 };
  };

/** Why no lab can run here, or undefined. */
function labLacks(): string | undefined {
  const { stdout } = spawnSync(KFS, ['--json', 'lab', 'probe'], { encoding: 'utf8' });
  const findings = JSON.parse(stdout) as { what: string; ok: boolean; needed: boolean; why: string }[];
  const lacks = findings.filter(({ ok, needed }) => needed && !ok);
  return lacks.length > 0 ? lacks.map(({ what, why }) => `${what}: ${why}`).join('; ') : undefined;
}

export interface Ended {
  status: number;
  /** What it printed, both streams. */
  output: string;
}

export class BookLab {
  readonly state: string;
  readonly paths: ReturnType<typeof statePaths>;
  readonly lab: Lab;
  readonly #log: string;
  readonly #signal: AbortSignal;

  /** Everything that commands print goes to `log`. What runs when `signal` aborts is ended. */
  constructor(name: string, log: string, signal: AbortSignal) {
    this.state = mkdtempSync(join(tmpdir(), `kfs-${name}-`));
    this.paths = statePaths(this.state);
    this.lab = new Lab(this.paths.lab);
    this.#log = log;
    this.#signal = signal;
  }

  /** A lab with one machine whose disk is empty, and everything up to the first step that needs the machine. */
  async begin(): Promise<Ended> {
    const up = await this.kfs('lab', 'up', '--no-power');
    return up.status === 0 ? this.kfs('run', '--to', 'plan') : up;
  }

  /** A command of `kfs`, started and left to the caller; `output` is what it has printed so far. */
  start(...args: string[]): { child: ChildProcess; ended: Promise<Ended>; output: () => string } {
    appendFileSync(this.#log, `\n$ kfs ${args.join(' ')}\n`);
    const from = readFileSync(this.#log).length;
    const log = openSync(this.#log, 'a');
    const child = spawn(KFS, ['--state', this.state, ...args], {
      cwd: CHECKOUT,
      stdio: ['ignore', log, log],
      signal: this.#signal,
    });
    closeSync(log);
    const output = () => readFileSync(this.#log).subarray(from).toString();
    const ended = new Promise<Ended>((resolve, reject) => {
      child.once('error', error => error.name !== 'AbortError' && reject(error));
      child.once('close', code => {
        resolve({ status: code ?? 137, output: output() });
      });
    });
    return { child, ended, output };
  }

  kfs(...args: string[]): Promise<Ended> {
    return this.start(...args).ended;
  }

  /** Runs chapters or steps as a reader does who has said yes to everything. */
  run(...args: string[]): Promise<Ended> {
    return this.kfs('run', ...args, '--destroy', MACHINE);
  }

  /** To the last step of a chapter; from the first step after another chapter, or after the plan. */
  async upTo(chapter: string, after?: string): Promise<Ended> {
    const { chapters } = await compileBook(CHECKOUT);
    const last = chapters.find(({ slug }) => slug === chapter)?.steps.at(-1);
    if (last === undefined) throw new Error(`the book has no steps in ${chapter}`);
    const begun = chapters.findIndex(({ slug }) => slug === after);
    const first = after === undefined ? 'plan-show' : chapters.slice(begun + 1).flatMap(one => one.steps)[0]!;
    return this.run('--from', first, '--to', last);
  }

  /** Runs a script as root on the machine; rejects when it fails. */
  root(script: string): Promise<string> {
    return asRoot(this.paths.sshConfig, MACHINE, script);
  }

  /** Switches the machine on, unless it is on, as a person would who finds it dark, and waits until it lets him in. */
  async powerOn(): Promise<void> {
    const end = Date.now() + START_LIMIT_MS;
    await this.lab.power(MACHINE, 'on');
    await this.lab.waitForSsh(MACHINE, START_LIMIT_MS);
    // sshd answers first; users are let in when the file systems of the network are there. Who asks faster than each
    // 5 s is held off by sshd (PerSourcePenalties).
    for (;;) {
      try {
        return void (await this.root('true'));
      } catch (error) {
        if (Date.now() > end) throw error;
        await sleep(5500);
      }
    }
  }

  async cutPower(): Promise<void> {
    await this.lab.power(MACHINE, 'cut');
  }

  async isOn(): Promise<boolean> {
    const status = await this.lab.status();
    return status.up && status.machines.some(({ power }) => power !== 'off');
  }

  /** Leaves the machine off. */
  async save(name: string): Promise<void> {
    if (await this.isOn()) await this.lab.power(MACHINE, 'off');
    await this.lab.save(name, stateWithDisks(this.paths), true);
  }

  /** As it was saved: what came since is gone. Leaves the machine off. */
  async restore(name: string): Promise<void> {
    if (await this.isOn()) await this.cutPower();
    await this.lab.restore(name, [], stateWithDisks(this.paths));
    const up = await this.kfs('lab', 'up', '--no-power');
    if (up.status !== 0) throw new Error(`the lab does not come up after a restore: ${up.output}`);
  }

  async end(): Promise<void> {
    await this.lab.down({ erase: true });
    rmSync(this.state, { recursive: true, force: true });
  }
}
