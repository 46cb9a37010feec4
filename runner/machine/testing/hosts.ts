/** The hosts that the contract of `Machine` is tested on, and a recorder of a job's output. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe } from 'node:test';
import { localMachine } from '../local.ts';
import type { Chunk, Ending, Job, Machine } from '../machine.ts';
import { sshMachine } from '../ssh.ts';
import type { Recipe } from './process.ts';
import { cannotRunSshd, TestSshd } from './sshd.ts';

interface TestHost {
  /** Another runner's view of the same host. Closed by `end`. */
  machine(): Machine;
  /** Where jobs are kept there. */
  root: string;
  /** How another process makes a machine of it. */
  recipe: Recipe;
  end(): Promise<void>;
}

interface TestHostKind {
  name: string;
  skip: string | false;
  make(): Promise<TestHost>;
}

const HOSTS: TestHostKind[] = [
  { name: 'the workstation', skip: false, make: localHost },
  { name: 'a machine over ssh', skip: cannotRunSshd(), make: sshHost },
];

/** What a suite works on: a host, and a runner's view of it. There while its tests run. */
export interface Grounds {
  host: TestHost;
  machine: Machine;
}

/** A suite, once for each kind of host, whose name ends the suite's. */
export function onEachHost(what: string, tests: (on: Grounds) => void): void {
  for (const kind of HOSTS) {
    describe(`${what} ${kind.name}`, { skip: kind.skip, timeout: 240_000 }, () => {
      const on = {} as Grounds;
      before(async () => {
        on.host = await kind.make();
        on.machine = on.host.machine();
      });
      after(() => on.host?.end());
      tests(on);
    });
  }
}

async function localHost(): Promise<TestHost> {
  const dir = mkdtempSync(join(tmpdir(), 'kfs-local-'));
  const machines: Machine[] = [];
  const paths = { spool: join(dir, 'jobs'), workdir: join(dir, 'work') };
  return {
    root: paths.spool,
    recipe: { module: 'local.ts', expression: `localMachine('workstation', ${JSON.stringify(paths)})` },
    machine() {
      machines.push(localMachine('workstation', paths));
      return machines.at(-1)!;
    },
    async end() {
      await Promise.all(machines.map(machine => machine.close()));
      rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
}

async function sshHost(): Promise<TestHost> {
  const sshd = await TestSshd.start();
  const machines: Machine[] = [];
  return {
    root: join(sshd.dir, 'home', '.local', 'state', 'kfs'),
    recipe: {
      module: 'ssh.ts',
      expression: `sshMachine(${JSON.stringify({ name: sshd.name, configFile: sshd.configFile })})`,
    },
    machine() {
      machines.push(sshMachine(sshd));
      return machines.at(-1)!;
    },
    async end() {
      await Promise.all(machines.map(machine => machine.close()));
      await sshd.stop();
    },
  };
}

let count = 0;

/** A job with a fresh id. */
export const job = (script: string, more: Partial<Job> = {}): Job => ({
  id: `test-${process.pid}-${++count}`,
  script,
  env: {},
  timeoutMs: 60_000,
  size: { columns: 80, rows: 24 },
  ...more,
});

/** Keeps what came, and lets a test wait for it. */
export class Recorder {
  bytes = Buffer.alloc(0);
  #waiters: (() => void)[] = [];

  readonly sink = (chunk: Chunk): void => {
    if (chunk.offset !== this.bytes.length)
      throw new Error(`a gap: ${this.bytes.length}, then ${chunk.offset}`);
    this.bytes = Buffer.concat([this.bytes, chunk.bytes]);
    for (const wake of this.#waiters.splice(0)) wake();
  };

  get text(): string {
    return this.bytes.toString('latin1').replaceAll('\r\n', '\n');
  }

  async until(text: string): Promise<void> {
    while (!this.text.includes(text)) await new Promise<void>(wake => this.#waiters.push(wake));
  }
}

/** Starts a job and follows it to its end. */
export async function runJob(
  machine: Machine,
  script: string,
  more: Partial<Job> = {},
): Promise<{ text: string; bytes: Buffer; ending: Ending }> {
  const it = job(script, more);
  const recorder = new Recorder();
  await machine.start(it);
  const ending = await machine.follow(it.id, 0, recorder.sink);
  await machine.forget(it.id);
  return { text: recorder.text, bytes: recorder.bytes, ending };
}
