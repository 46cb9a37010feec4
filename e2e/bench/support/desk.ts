/** Starts the rig and an sshd behind it, in a temporary folder; ends and removes both. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { masterArgv } from '../../../runner/machine/argv.ts';
import { TestSshd } from '../../../runner/machine/testing/sshd.ts';
import { Page } from './page.ts';

export class Desk implements AsyncDisposable {
  readonly dir: string;
  readonly sshd: TestSshd;
  /** A shared connection beside the runner's, for plain ssh. */
  readonly socket: string;
  url = '';
  #rig: ChildProcess | undefined;
  #master: ChildProcess | undefined;
  #pages: Page[] = [];

  private constructor(sshd: TestSshd) {
    this.dir = mkdtempSync(join(tmpdir(), 'kfs-bench-'));
    this.sshd = sshd;
    this.socket = join(sshd.dir, 'peer');
  }

  static async open(): Promise<Desk> {
    const desk = new Desk(await TestSshd.start());
    const { sshd } = desk;
    desk.#master = spawn('ssh', masterArgv(sshd, desk.socket, 'echo up; exec cat >/dev/null'), {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    await once(desk.#master.stdout!, 'data');
    return desk;
  }

  async startRig(): Promise<void> {
    const argv = [join(import.meta.dirname, 'rig.ts'), this.dir, this.sshd.configFile, this.sshd.name];
    const rig = spawn(process.execPath, argv, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#rig = rig;
    const gone = once(rig, 'exit').then(() => Promise.reject(new Error('the rig ended')));
    gone.catch(() => {});
    [this.url] = (await Promise.race([once(createInterface(rig.stdout!), 'line'), gone])) as [string];
  }

  async page(): Promise<Page> {
    const page = await Page.open(this.url);
    this.#pages.push(page);
    return page;
  }

  /** The most memory that the rig has had, in MB. */
  peak(): number {
    const status = readFileSync(`/proc/${this.#rig!.pid}/status`, 'utf8');
    return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const page of this.#pages) page.close();
    for (const child of [this.#rig, this.#master]) {
      if (!child || child.exitCode !== null) continue;
      const ended = once(child, 'exit');
      child.stdin?.end();
      await ended;
    }
    await this.sshd.stop();
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 10 });
  }
}
