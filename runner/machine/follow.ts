/** Output of a job from an offset on, then how it ended; proves that the transcript is whole. */
import { createHash, type Hash } from 'node:crypto';
import { KfsError } from '../errors.ts';
import type { Carrier } from './carrier.ts';
import type { Channel } from './channel.ts';
import { parseEnding } from './ending.ts';
import type { Chunk, Ending } from './machine.ts';
import { checkId, noSuchJob } from './request.ts';

type Sink = (chunk: Chunk) => Promise<void> | void;

export class Follower {
  readonly id: string;
  channel: Channel | undefined;
  readonly #carrier: Carrier;
  #offset: number;
  #running = false;
  /** Over all bytes from the first on; null when this process has not seen them all. */
  readonly #hash: Hash | null;

  /** `channel` delivers the job's bytes from `offset` on; `before` is the follower whose link was lost. */
  constructor(carrier: Carrier, id: string, offset: number, channel?: Channel, before?: Follower) {
    this.id = checkId(id);
    this.#carrier = carrier;
    this.#offset = offset;
    this.channel = channel;
    this.#hash = offset === 0 ? createHash('sha256') : (before?.hashAt(offset) ?? null);
  }

  /** Whether a call for this offset can go on here. */
  continues(offset: number): boolean {
    return offset === this.#offset && !this.#running && this.channel !== undefined && !this.channel.closed;
  }

  hashAt(offset: number): Hash | null {
    return offset === this.#offset ? (this.#hash?.copy() ?? null) : null;
  }

  async run(sink: Sink, signal?: AbortSignal): Promise<Ending> {
    this.#running = true;
    this.channel ??= await this.#attach(signal);
    const channel = this.channel;
    let ending: Ending | undefined;
    while (!ending || this.#offset < ending.bytes) {
      ending ??= this.#ending(channel);
      const bytes = channel.read();
      if (bytes) await this.#deliver(bytes, sink);
      else if (ending && this.#offset >= ending.bytes) break;
      else if (channel.drained) throw this.#carrier.broken(channel);
      else await channel.changed(signal);
      signal?.throwIfAborted();
    }
    this.#prove(ending);
    return ending;
  }

  /** Leaves the job running. */
  close(): void {
    this.channel?.destroy();
    this.channel = undefined;
  }

  async #attach(signal?: AbortSignal): Promise<Channel> {
    const channel = await this.#carrier.open(signal);
    channel.send(`attach ${this.id} ${this.#offset}\n`);
    channel.keepAlive();
    return channel;
  }

  async #deliver(bytes: Buffer, sink: Sink): Promise<void> {
    const offset = this.#offset;
    await sink({ offset, bytes });
    this.#hash?.update(bytes);
    this.#offset += bytes.length;
  }

  #ending(channel: Channel): Ending | undefined {
    for (let word = channel.takeWord(); word !== undefined; word = channel.takeWord()) {
      if (word === 'missing') throw noSuchJob(this.#carrier);
      if (word.startsWith('end ')) return parseEnding(word);
    }
    return undefined;
  }

  #prove(ending: Ending): void {
    if (ending.how === 'interrupted' || !this.#hash) return;
    const seen = this.#hash.copy().digest('hex');
    if (this.#offset === ending.bytes && seen === ending.sha256) return;
    throw new KfsError(
      'state-broken',
      `the output of ${this.id} is not what ${this.#carrier.name} recorded (${this.#offset} bytes of ${ending.bytes})`,
      { next: 'Follow it again from the first byte.' },
    );
  }
}
