/** The workstation: the same supervisor, without a connection. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { localServeArgv, supervisorDirectory } from './argv.ts';
import type { Carrier } from './carrier.ts';
import { Channel } from './channel.ts';
import { unreachable } from './failure.ts';
import { HostMachine } from './host.ts';
import type { Machine, Shell, Size } from './machine.ts';
import { ptyShell } from './shell.ts';
import { Spare } from './spare.ts';
import { supervisor } from './supervisor.ts';

export interface LocalOptions {
  /** Directory of the jobs; made if needed. */
  spool: string;
  /** Where steps run; made if needed. */
  workdir: string;
}

export function localMachine(name: string, options: LocalOptions): Machine {
  return new HostMachine(new LocalCarrier(name, options));
}

class LocalCarrier implements Carrier {
  readonly name: string;
  readonly #spool: string;
  readonly #workdir: string;
  readonly #spare = new Spare(() => this.#channel());
  readonly #open = new Set<Channel>();

  constructor(name: string, options: LocalOptions) {
    this.name = name;
    this.#spool = resolve(options.spool);
    this.#workdir = resolve(options.workdir);
  }

  async open(signal?: AbortSignal): Promise<Channel> {
    signal?.throwIfAborted();
    return this.#spare.take();
  }

  broken(channel: Channel): Error {
    return unreachable(this.name, channel.complaint.trim() || 'the supervisor ended');
  }

  async shell(size: Size): Promise<Shell> {
    mkdirSync(this.#workdir, { recursive: true });
    const program = process.env.SHELL ?? userInfo().shell ?? '/bin/bash';
    return ptyShell(program, ['-l'], size, this.#workdir);
  }

  async close(): Promise<void> {
    this.#spare.close();
    for (const channel of this.#open) channel.end();
  }

  async #channel(): Promise<Channel> {
    const argv = localServeArgv(this.#install(), this.#spool, this.#workdir);
    // A session of its own: Ctrl-C in the runner's terminal is for the runner alone.
    const channel = new Channel(spawn('/bin/bash', argv, { detached: true, stdio: 'pipe' }));
    this.#open.add(channel);
    void channel.ended().then(() => this.#open.delete(channel));
    return channel;
  }

  /** A copy by digest: a job keeps its version of the supervisor when the checkout moves on. */
  #install(): string {
    const { files, digest } = supervisor();
    const dir = join(this.#spool, supervisorDirectory(digest));
    if (existsSync(dir)) return dir;
    mkdirSync(this.#workdir, { recursive: true, mode: 0o700 });
    const made = `${dir}.${process.pid}`;
    mkdirSync(made, { recursive: true, mode: 0o700 });
    for (const { name, text } of files) writeFileSync(join(made, name), text, { mode: 0o600, flush: true });
    try {
      renameSync(made, dir);
    } catch (error) {
      rmSync(made, { recursive: true });
      if (!existsSync(dir)) throw error; // else another process was quicker
    }
    return dir;
  }
}
