/**
 * A machine over the system's OpenSSH client. One connection is shared by all channels (connection sharing);
 * when it breaks, the next request makes a new one. Jobs on the machine do not notice.
 */
import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { bootstrapCommand, channelArgv, masterArgv, serveCommand, shellArgv } from './argv.ts';
import type { Carrier } from './carrier.ts';
import { READY } from './carrier.ts';
import { Channel } from './channel.ts';
import { explainSsh, transitionIn } from './failure.ts';
import type { Shell, Size, SshTarget } from './machine.ts';
import { ptyShell } from './shell.ts';
import { controlSocket } from './socket.ts';
import { Spare } from './spare.ts';
import { type Supervisor, supervisor } from './supervisor.ts';

/** The longest that connecting may take, milliseconds; ssh itself gives up a silent address after 10 s. */
const CONNECT_MS = 30_000;

/**
 * Between two logins that a machine refuses because it is starting. sshd holds 5 s against the source of each, and
 * hears no more from who owes 15 (sshd_config(5), PerSourcePenalties): who asks faster waits longer.
 */
const PENALTY_MS = 5500;

interface Link {
  master: Channel;
  socket: string;
  spare: Spare;
}

export class SshCarrier implements Carrier {
  readonly name: string;
  readonly #target: SshTarget;
  readonly #program: string;
  #link: Promise<Link> | undefined;
  /** That one, and those that are retired but not yet ended. */
  readonly #links = new Set<Promise<Link>>();
  #closed = false;
  /** No login before this, by `Date.now()`. */
  #notBefore = 0;

  /** `program` is the ssh client; tests put another in its place to see its arguments. */
  constructor(target: SshTarget, program = 'ssh') {
    this.name = target.name;
    this.#target = target;
    this.#program = program;
  }

  async open(signal?: AbortSignal): Promise<Channel> {
    signal?.throwIfAborted();
    const { spare } = await this.#connected();
    return spare.take();
  }

  /** The link is not trusted any more: what still runs over it may end, what is new gets a new one. */
  broken(channel: Channel): Error {
    const link = this.#link;
    this.#link = undefined;
    link?.then(retire, () => {});
    return explainSsh(this.#target, channel.complaint);
  }

  async shell(size: Size): Promise<Shell> {
    const { socket } = await this.#connected();
    return ptyShell(this.#program, shellArgv(this.#target, socket), size, '/');
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#links].map(link => link.then(end, () => {})));
  }

  /** For tests: the process that holds the connection. */
  async masterPid(): Promise<number | undefined> {
    return (await this.#connected()).master.pid;
  }

  /** The connection that there is, or a new one; never two at a time. */
  #connected(): Promise<Link> {
    if (this.#closed) throw explainSsh(this.#target, 'the runner has closed this connection');
    if (!this.#link) {
      const connecting = this.#connect();
      this.#link = connecting;
      this.#links.add(connecting);
      const forget = () => {
        this.#links.delete(connecting);
        if (this.#link === connecting) this.#link = undefined;
      };
      connecting.then(link => link.master.ended().then(forget), forget);
    }
    return this.#link;
  }

  async #connect(): Promise<Link> {
    if (this.#notBefore > Date.now()) await delay(this.#notBefore - Date.now());
    const socket = controlSocket();
    const shipped = supervisor();
    const master = this.#spawn(masterArgv(this.#target, socket, bootstrapCommand(shipped)));
    try {
      await this.#install(master, shipped);
    } catch (error) {
      if (transitionIn(master.complaint)) this.#notBefore = Date.now() + PENALTY_MS;
      master.destroy();
      throw error;
    }
    const spare = new Spare(() => this.#channel(socket, shipped.digest));
    void master.ended().then(() => spare.close());
    return { master, socket, spare };
  }

  /** Sends the supervisor if the machine asks for it. */
  async #install(master: Channel, shipped: Supervisor): Promise<void> {
    const overdue = AbortSignal.timeout(CONNECT_MS);
    for (;;) {
      const word = await master.word(overdue).catch(() => null);
      if (word === READY) return;
      if (word === null) {
        throw explainSsh(
          this.#target,
          master.closed ? master.complaint : `no answer in ${CONNECT_MS / 1000} s`,
        );
      }
      if (word === 'need') master.send(...shipped.files.map(({ text }) => text));
    }
  }

  async #channel(socket: string, digest: string): Promise<Channel> {
    const channel = this.#spawn(channelArgv(this.#target, socket, serveCommand(digest)));
    if ((await channel.word()) === READY) return channel;
    channel.destroy();
    throw this.broken(channel);
  }

  #spawn(argv: string[]): Channel {
    // A session of its own: no terminal to ask in, and Ctrl-C in the runner's terminal is for the runner alone.
    return new Channel(spawn(this.#program, argv, { detached: true, stdio: 'pipe' }));
  }
}

/** No new channels; the connection ends with the last one. */
function retire({ master, spare }: Link): void {
  spare.close();
  master.end();
}

async function end(link: Link): Promise<void> {
  retire(link);
  const overdue = setTimeout(() => link.master.destroy(), 1000);
  await link.master.ended();
  clearTimeout(overdue);
}
