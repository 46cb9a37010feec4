/**
 * A real sshd on loopback for tests, with its own configuration, keys and port. It logs in the user that runs
 * the tests. Links can be cut, and the daemon restarted with another host key or without the client's key.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { cut, descendants, signal } from './processes.ts';

const SSHD = '/usr/sbin/sshd';
const NAME = 'testhost';

/** Why a test against sshd cannot run here, or false: for node:test's `skip`. */
export function cannotRunSshd(): string | false {
  if (!existsSync(SSHD)) return 'there is no /usr/sbin/sshd: sudo apt-get install openssh-server';
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  return false;
}

export class TestSshd {
  /** What a runner is given: `ssh -F configFile name`. */
  readonly name = NAME;
  readonly configFile: string;
  readonly dir: string;
  port = 0;
  #daemon: ChildProcess | undefined;

  private constructor(dir: string) {
    this.dir = dir;
    this.configFile = join(dir, 'config');
  }

  /** `lines` are added to sshd_config. */
  static async start(lines: string[] = []): Promise<TestSshd> {
    const sshd = new TestSshd(mkdtempSync(join(tmpdir(), 'kfs-sshd-')));
    makeKey(sshd.#at('host'));
    makeKey(sshd.#at('user'));
    sshd.allowUser(true);
    sshd.port = await freePort();
    sshd.#writeServerConfig(lines);
    sshd.#writeClientConfig();
    sshd.pinHostKey();
    await sshd.up();
    return sshd;
  }

  /** Starts the daemon; returns when it accepts connections. */
  async up(): Promise<void> {
    // It ends with the test, however that ends.
    const argv = ['--pdeathsig', 'TERM', SSHD, '-D', '-e', '-f', this.#at('sshd_config')];
    const daemon = spawn('setpriv', argv, {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#daemon = daemon;
    let said = '';
    await new Promise<void>((resolve, reject) => {
      daemon.stderr?.on('data', (bytes: Buffer) => {
        said += bytes.toString();
        if (said.includes('Server listening')) resolve();
      });
      daemon.on('exit', () => reject(new Error(`sshd ended: ${said}`)));
    });
  }

  /** Ends the daemon and every session: the machine is gone from the network. */
  async down(): Promise<void> {
    const daemon = this.#daemon;
    this.#daemon = undefined;
    if (!daemon || daemon.exitCode !== null) return;
    const ended = once(daemon, 'exit');
    const sessions = descendants(daemon.pid ?? 0, 'sshd');
    daemon.kill('SIGTERM');
    await ended;
    cut(sessions);
  }

  /** Cuts every connection; the daemon stays. Returns how many processes served them. */
  cutLinks(): number {
    return cut(descendants(this.#daemon?.pid ?? 0, 'sshd'));
  }

  /** The links go silent, as when a cable is pulled: nothing is closed, nothing is answered. Returns the undo. */
  silenceLinks(): () => void {
    const sessions = descendants(this.#daemon?.pid ?? 0, 'sshd');
    for (const pid of sessions) signal(pid, 'SIGSTOP');
    return () => {
      for (const pid of sessions) signal(pid, 'SIGCONT');
    };
  }

  /** Another host key from the next `up` on, as after a reinstallation; the pinned one stays. */
  changeHostKey(): void {
    rmSync(this.#at('host'));
    rmSync(this.#at('host.pub'));
    makeKey(this.#at('host'));
  }

  pinHostKey(): void {
    const [type, key] = readFileSync(this.#at('host.pub'), 'utf8').split(' ');
    writeFileSync(this.#at('known_hosts'), `${NAME} ${type} ${key}\n`);
  }

  forgetHostKey(): void {
    writeFileSync(this.#at('known_hosts'), '');
  }

  allowUser(yes: boolean): void {
    writeFileSync(this.#at('authorized_keys'), yes ? readFileSync(this.#at('user.pub')) : '');
  }

  async stop(): Promise<void> {
    await this.down();
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }); // a session still writes
  }

  #at(file: string): string {
    return join(this.dir, file);
  }

  #writeServerConfig(lines: string[]): void {
    const config = [
      `Port ${this.port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${this.#at('host')}`,
      `AuthorizedKeysFile ${this.#at('authorized_keys')}`,
      `PidFile ${this.#at('pid')}`,
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'PermitRootLogin yes',
      'StrictModes no',
      'UsePAM no',
      // Where the supervisor keeps its things in a test: not in the home of whoever runs it.
      `SetEnv HOME=${this.#at('home')}`,
      'LogLevel VERBOSE',
      ...lines,
    ];
    mkdirSync(this.#at('home'));
    writeFileSync(this.#at('sshd_config'), `${config.join('\n')}\n`);
  }

  #writeClientConfig(): void {
    const config = [
      `Host ${NAME}`,
      '  HostName 127.0.0.1',
      `  Port ${this.port}`,
      `  User ${userInfo().username}`,
      `  IdentityFile ${this.#at('user')}`,
      '  IdentitiesOnly yes',
      `  HostKeyAlias ${NAME}`,
      `  UserKnownHostsFile ${this.#at('known_hosts')}`,
      '  GlobalKnownHostsFile /dev/null',
    ];
    writeFileSync(this.configFile, `${config.join('\n')}\n`);
  }
}

const makeKey = (file: string): void => {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'test', '-f', file]);
};

/** A port that was free a moment ago: sshd cannot be asked which one it got. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Waits until `holds` does, or fails after `ms`. */
export async function eventually(holds: () => boolean | Promise<boolean>, ms = 20_000): Promise<void> {
  const end = Date.now() + ms;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`not within ${ms} ms: ${holds}`);
    await delay(20);
  }
}
