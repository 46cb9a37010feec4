/** The `Machine` over any way to a host: each request is a channel to the supervisor there. */
import { capture } from './capture.ts';
import type { Carrier } from './carrier.ts';
import type { Channel } from './channel.ts';
import { Follower } from './follow.ts';
import { forget, jobs, timing } from './jobs.ts';
import { lock } from './lock.ts';
import type {
  Captured,
  Chunk,
  Ending,
  Facts,
  Job,
  JobStatus,
  Lock,
  Machine,
  Moment,
  Shell,
  Size,
} from './machine.ts';
import { ask, checkId, expectWord } from './request.ts';
import { startJob } from './start.ts';
import { escapeInput } from './text.ts';

export class HostMachine implements Machine {
  readonly name: string;
  readonly #carrier: Carrier;
  /** By job: its output channel, which takes input as well. */
  readonly #following = new Map<string, Follower>();
  readonly #talking = new Map<string, Promise<Channel>>();

  constructor(carrier: Carrier) {
    this.name = carrier.name;
    this.#carrier = carrier;
  }

  async facts(signal?: AbortSignal): Promise<Facts> {
    const [bootId = '', user = '', host = '', machineId = ''] = await ask(
      this.#carrier,
      'facts',
      'facts',
      signal,
    );
    return { machineId, bootId, user, host };
  }

  lock(owner: string, signal?: AbortSignal): Promise<Lock> {
    return lock(this.#carrier, owner, signal);
  }

  async start(job: Job, signal?: AbortSignal): Promise<{ bootId: string }> {
    const { channel, bootId } = await startJob(this.#carrier, job, signal);
    this.#keep(new Follower(this.#carrier, job.id, 0, channel));
    return { bootId };
  }

  /** Goes on with the channel of `start`, or of the last call, where the offset fits; else opens one. */
  async follow(
    id: string,
    offset: number,
    sink: (chunk: Chunk) => Promise<void> | void,
    signal?: AbortSignal,
  ): Promise<Ending> {
    let follower = this.#following.get(checkId(id));
    if (!follower?.continues(offset)) {
      follower = this.#keep(new Follower(this.#carrier, id, offset, undefined, follower));
    }
    try {
      return await follower.run(sink, signal);
    } finally {
      follower.close();
    }
  }

  async input(id: string, bytes: Uint8Array): Promise<void> {
    const channel = await this.#voice(id);
    for (const line of escapeInput(bytes)) channel.send(`input ${line}\n`);
  }

  async resize(id: string, size: Size): Promise<void> {
    const channel = await this.#voice(id);
    channel.send(`size ${Math.trunc(size.columns)} ${Math.trunc(size.rows)}\n`);
  }

  async stop(id: string, force: boolean): Promise<void> {
    await ask(this.#carrier, `stop ${checkId(id)} ${force ? 'KILL' : 'TERM'}`, 'stopped');
  }

  jobs(signal?: AbortSignal): Promise<JobStatus[]> {
    return jobs(this.#carrier, signal);
  }

  timing(id: string): Promise<Moment[]> {
    return timing(this.#carrier, id);
  }

  async forget(id: string): Promise<void> {
    await forget(this.#carrier, id);
    this.#following.delete(id);
  }

  capture(
    script: string,
    env: Record<string, string>,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<Captured> {
    return capture(this.#carrier, script, env, timeoutMs, signal);
  }

  shell(size: Size): Promise<Shell> {
    return this.#carrier.shell(size);
  }

  async close(): Promise<void> {
    for (const follower of this.#following.values()) follower.close();
    for (const talking of this.#talking.values()) {
      talking.then(
        channel => channel.end(),
        () => {},
      );
    }
    await this.#carrier.close();
  }

  #keep(follower: Follower): Follower {
    this.#following.get(follower.id)?.close();
    this.#following.set(follower.id, follower);
    return follower;
  }

  /** A channel that takes words for a job: the one that is followed, or one of its own. */
  async #voice(id: string): Promise<Channel> {
    const followed = this.#following.get(checkId(id))?.channel;
    if (followed && !followed.closed) return followed;
    let talking = await this.#talking.get(id);
    if (!talking || talking.closed) {
      const opening = this.#talk(id);
      this.#talking.set(id, opening);
      opening.catch(() => this.#talking.delete(id));
      talking = await opening;
    }
    return talking;
  }

  async #talk(id: string): Promise<Channel> {
    const channel = await this.#carrier.open();
    try {
      channel.send(`talk ${id}\n`);
      await expectWord(this.#carrier, channel, 'talking');
      channel.keepAlive();
      return channel;
    } catch (error) {
      channel.destroy();
      throw error;
    }
  }
}
