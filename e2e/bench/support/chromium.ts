/** A chapter with one step on a machine, served by a real `kfs start` and open in the system's Chromium. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { type Browser, chromium, type Page } from '@playwright/test';
import type { TestSshd } from '../../../runner/machine/testing/sshd.ts';

const KFS = resolve(import.meta.dirname, '..', '..', '..', 'runner', 'cli', 'main.ts');
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
/** After a run: what it tidies up in the background is done. In milliseconds. */
const REST = 300;
const CHAPTER = `---
title: Speed
description: One step.
---

## A word

\`\`\`sh show="hello" on="first"
echo hello
\`\`\`
`;
const PLAN = `name: bench
domain: kfs.home.arpa
network: { subnet: 10.99.0.0/24, router: 10.99.0.1, workstation: 10.99.0.2 }
api: { address: 10.99.0.11 }
`;

export class ChapterInChromium implements AsyncDisposable {
  readonly #dir: string;
  readonly #kfs: ChildProcess;
  #browser: Browser | undefined;
  #page: Page | undefined;

  private constructor(dir: string, kfs: ChildProcess) {
    this.#dir = dir;
    this.#kfs = kfs;
  }

  /** Or why it cannot be opened here. */
  static async open(sshd: TestSshd): Promise<ChapterInChromium | string> {
    if (!existsSync(CHROMIUM)) return `there is no ${CHROMIUM}: sudo apt-get install chromium`;
    const dir = mkdtempSync(join(tmpdir(), 'kfs-bench-'));
    mkdirSync(join(dir, 'book', 'content', 'docs', 'part'), { recursive: true });
    writeFileSync(join(dir, 'book', 'content', 'docs', 'part', '01-speed.mdx'), CHAPTER);
    writePlan(dir, sshd);
    const argv = ['start', '--json', '--no-open', '--port', '0'];
    argv.push('--book', join(dir, 'book'), '--state', join(dir, 'state'));
    const kfs = spawn(process.execPath, [KFS, ...argv], { stdio: ['ignore', 'pipe', 'inherit'] });
    const chapter = new ChapterInChromium(dir, kfs);
    try {
      const gone = once(kfs, 'exit').then(() => Promise.reject(new Error('kfs start ended')));
      gone.catch(() => {});
      const [line] = (await Promise.race([once(createInterface(kfs.stdout), 'line'), gone])) as [string];
      await chapter.#visit(new URL(JSON.parse(line).url));
      return chapter;
    } catch (error) {
      await chapter[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Milliseconds from the click to the first bytes of output; returns when the step has ended. */
  async clickToOutput(): Promise<number> {
    const page = this.#page!;
    const run = page.getByRole('button', { name: /^Run.* hello on / });
    const took = this.#page!.evaluate('window.kfsBench()') as Promise<number>;
    await run.click();
    const ms = await took;
    await page.waitForTimeout(REST);
    return ms;
  }

  async #visit({ origin, hash }: URL): Promise<void> {
    const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    this.#browser = await chromium.launch({ executablePath: CHROMIUM, args });
    this.#page = await this.#browser.newPage();
    await this.#page.addInitScript(WATCH);
    await this.#page.goto(`${origin}/part/speed/${hash}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser?.close();
    if (this.#kfs.exitCode === null) {
      const ended = once(this.#kfs, 'exit');
      this.#kfs.kill('SIGINT');
      await ended;
    }
    rmSync(this.#dir, { recursive: true, force: true, maxRetries: 10 });
  }
}

/** In the page: milliseconds from the next click to the first binary frame after it. */
const WATCH = `
let clicked = 0, done = () => {};
addEventListener('click', () => { clicked = performance.now(); }, true);
const Plain = WebSocket;
window.WebSocket = class extends Plain {
  constructor(...words) {
    super(...words);
    this.addEventListener('message', ({ data }) => {
      if (typeof data === 'string' || clicked === 0) return;
      done(performance.now() - clicked);
      clicked = 0;
    });
  }
};
window.kfsBench = () => new Promise(resolve => { done = resolve; });
`;

/** A machine of the plan that is that sshd. */
function writePlan(dir: string, sshd: TestSshd): void {
  mkdirSync(join(dir, 'state', 'ssh'), { recursive: true });
  const way = join(dir, 'way.config');
  const host = `Host n1 n1.kfs.home.arpa 10.99.0.11\n  HostName 127.0.0.1\n  Port ${sshd.port}\n`;
  writeFileSync(way, `${host}  IdentityFile ${join(sshd.dir, 'user')}\n`);
  writeFileSync(join(dir, 'state', 'ssh', 'known_hosts'), `n1 ${hostKey(sshd)}\n`);
  const machine = `  - name: n1
    mac: 52:54:00:00:00:11
    address: 10.99.0.11
    roles: [etcd, control, storage, node]
    disk: /dev/sda
    data: [/dev/sdb]
`;
  const ssh = `ssh: { user: ${userInfo().username}, config: ${way} }\n`;
  writeFileSync(join(dir, 'state', 'cluster.yaml'), `${PLAN}${ssh}machines:\n${machine}`);
}

const hostKey = ({ dir }: TestSshd): string =>
  readFileSync(join(dir, 'host.pub'), 'utf8').split(' ').slice(0, 2).join(' ');
