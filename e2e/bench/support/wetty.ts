/** WeTTY, a terminal for the browser, as a peer: fetched once through npm, reached over the same sshd as ours. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { userInfo } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { TestSshd } from '../../../runner/machine/testing/sshd.ts';

const CHECKOUT = resolve(import.meta.dirname, '..', '..', '..');
const FOLDER = join(CHECKOUT, 'node_modules', '.cache', 'kfs-bench', 'wetty');
/** Its terminal library in the build for Linux that this project has too: nothing is compiled. */
const PACKAGES = { wetty: '3.2.0', 'node-pty': 'npm:@lydell/node-pty@1.1.0', 'socket.io-client': '4.8.4' };
/** Characters after which its page acknowledges. */
const COMMIT = 262_144;

/** Undefined when it is there, else why not. */
export async function cannotGetWetty(): Promise<string | undefined> {
  const wanted = JSON.stringify({ private: true, dependencies: PACKAGES });
  const manifest = join(FOLDER, 'package.json');
  const stamp = join(FOLDER, '.installed');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return undefined;
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(manifest, wanted);
  try {
    const env = { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}` };
    const argv = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    await promisify(execFile)('npm', argv, { cwd: FOLDER, env, timeout: 45_000 });
  } catch (error) {
    const [line] = (error as Error).message.trim().split('\n').slice(-1);
    return `WeTTY cannot be fetched through npm (${line})`;
  }
  writeFileSync(stamp, wanted);
  return undefined;
}

interface Socket {
  on(event: string, listener: (data: string) => void): Socket;
  emit(event: string, data: number): void;
  close(): void;
}

export class Wetty implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #port: number;

  private constructor(process: ChildProcess, port: number) {
    this.#process = process;
    this.#port = port;
  }

  /** Serves `command` on that sshd's machine. */
  static async start(sshd: TestSshd, command: string): Promise<Wetty> {
    const port = await freePort();
    const ssh = ['--force-ssh', '--ssh-host', sshd.name, '--ssh-port', String(sshd.port)];
    ssh.push('--ssh-user', userInfo().username, '--ssh-auth', 'publickey', '--ssh-config', sshd.configFile);
    ssh.push('--known-hosts', join(sshd.dir, 'known_hosts'), '--command', command);
    const program = join(FOLDER, 'node_modules', 'wetty', 'build', 'main.js');
    const child = spawn(process.execPath, [program, '--host', '127.0.0.1', '--port', String(port), ...ssh], {
      cwd: FOLDER,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise<void>((resolve, reject) => {
      child.once('exit', () => reject(new Error('WeTTY ended')));
      child.stdout.on('data', text => String(text).includes('Server started') && resolve());
    });
    return new Wetty(child, port);
  }

  /** Reads the command's output as its page does; milliseconds from asking for the page to the end, and bytes. */
  async read(): Promise<{ ms: number; bytes: number }> {
    const module = join(FOLDER, 'node_modules', 'socket.io-client', 'build', 'esm-debug', 'index.js');
    const { io } = (await import(pathToFileURL(module).href)) as {
      io(url: string, options: object): Socket;
    };
    const began = performance.now();
    const options = { path: '/socket.io', transports: ['websocket'], reconnection: false };
    const socket = io(`http://127.0.0.1:${this.#port}`, options);
    let bytes = 0;
    let counted = 0;
    return new Promise((done, fail) => {
      socket.on('connect_error', error => fail(new Error(`WeTTY: ${error}`)));
      socket.on('data', data => {
        bytes += data.length;
        for (counted += data.length; counted >= COMMIT; counted -= COMMIT) socket.emit('commit', COMMIT);
      });
      socket.on('logout', () => {
        socket.close();
        done({ ms: performance.now() - began, bytes });
      });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#process, 'exit');
    this.#process.kill();
    await ended;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
