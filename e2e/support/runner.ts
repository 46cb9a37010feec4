/** A real `kfs start` for a test: the small book in a folder of its own, with or without machines behind sshd. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { TestSshd } from '../../runner/machine/testing/sshd.ts';

const CHECKOUT = resolve(import.meta.dirname, '..', '..');
/** The pinned one, whatever started the tests. */
const PINNED = join(CHECKOUT, 'node_modules', '.bin', 'node');
const NODE = existsSync(PINNED) ? PINNED : process.execPath;
const KFS = join(CHECKOUT, 'runner', 'cli', 'main.ts');

export class BookRunner {
  readonly book: string;
  readonly state: string;
  url = '';
  #dir: string;
  #process: ChildProcess | undefined;
  #sshds: TestSshd[] = [];

  private constructor() {
    this.#dir = mkdtempSync(join(tmpdir(), 'kfs-e2e-'));
    this.book = join(this.#dir, 'book');
    this.state = join(this.#dir, 'state');
    cpSync(join(CHECKOUT, 'e2e', 'fixtures', 'small'), this.book, { recursive: true });
  }

  /** `machines` are made of as many sshds on loopback. */
  static async start({ machines = [] as string[] } = {}): Promise<BookRunner> {
    const runner = new BookRunner();
    try {
      if (machines.length > 0) await runner.#makeMachines(machines);
      await runner.up();
      return runner;
    } catch (error) {
      await runner.stop();
      throw error;
    }
  }

  /** Starts the program (again); the address is another each time. */
  async up(): Promise<void> {
    const args = ['start', '--json', '--no-open', '--port', '0', '--book', this.book, '--state', this.state];
    const child = spawn(NODE, [KFS, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#process = child;
    const gone = once(child, 'close').then(([code]) =>
      Promise.reject(new Error(`kfs start ended with ${code}`)),
    );
    gone.catch(() => {});
    const [line] = (await Promise.race([once(createInterface(child.stdout!), 'line'), gone])) as [string];
    const said = JSON.parse(line);
    if (!said.url) throw new Error(`kfs start: ${line}`);
    this.url = said.url;
  }

  async down(signal: NodeJS.Signals = 'SIGINT'): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (!child || child.exitCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  async stop(): Promise<void> {
    await this.down();
    await Promise.all(this.#sshds.map(sshd => sshd.stop()));
    rmSync(this.#dir, { recursive: true, force: true, maxRetries: 5 });
  }

  get origin(): string {
    return new URL(this.url).origin;
  }

  /** A page's address, with the token. */
  at(path: string): string {
    return `${this.origin}${path}${new URL(this.url).hash}`;
  }

  /** Changes a chapter on disk, as an author does. */
  edit(chapter: string, from: string, to: string): void {
    const file = join(this.book, 'content', 'docs', chapter);
    writeFileSync(file, readFileSync(file, 'utf8').replace(from, to));
  }

  /** Changes the plan on disk, as its owner does in an editor. */
  editPlan(from: string, to: string): void {
    const file = join(this.state, 'cluster.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replace(from, to));
  }

  async #makeMachines(names: string[]): Promise<void> {
    mkdirSync(join(this.state, 'ssh'), { recursive: true });
    const ways: string[] = [];
    for (const [index, name] of names.entries()) {
      const sshd = await TestSshd.start();
      this.#sshds.push(sshd);
      const [type, key] = readFileSync(join(sshd.dir, 'host.pub'), 'utf8').split(' ');
      appendFileSync(join(this.state, 'ssh', 'known_hosts'), `${name} ${type} ${key}\n`);
      const hosts = `${name} ${name}.kfs.home.arpa 10.99.0.${index + 11}`;
      ways.push(
        `Host ${hosts}`,
        '  HostName 127.0.0.1',
        `  Port ${sshd.port}`,
        `  IdentityFile ${sshd.dir}/user`,
      );
    }
    const way = join(this.#dir, 'way.config');
    writeFileSync(way, `${ways.join('\n')}\n`);
    writeFileSync(join(this.state, 'cluster.yaml'), planOf(names, way));
  }
}

const planOf = (names: string[], way: string): string => `# The plan of a test; this comment must stay.
name: small
domain: kfs.home.arpa
network:
  subnet: 10.99.0.0/24
  router: 10.99.0.1
  workstation: 10.99.0.2 # this laptop
api:
  address: 10.99.0.11
ssh:
  user: ${userInfo().username}
  config: ${way}
machines:
${names.map(machineOf).join('')}`;

const machineOf = (name: string, index: number): string => `  - name: ${name}
    mac: 52:54:00:00:00:${String(index + 11)}
    address: 10.99.0.${index + 11}
    roles: [${index === 0 ? 'etcd, control, storage, node' : 'node'}]
    disk: /dev/sda
${index === 0 ? '    data: [/dev/sdb]\n' : ''}`;
