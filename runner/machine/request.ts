/** A request with one answer. */
import { KfsError } from '../errors.ts';
import type { Carrier } from './carrier.ts';
import { READY } from './carrier.ts';
import type { Channel } from './channel.ts';

const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** Ids become names of directories and of systemd units. */
export function checkId(id: string): string {
  if (!ID.test(id)) throw new TypeError(`not a job's id: ${id}`);
  return id;
}

/** Sends a request, returns the words after `answer`. */
export async function ask(
  carrier: Carrier,
  request: string,
  answer: string,
  signal?: AbortSignal,
): Promise<string[]> {
  const channel = await carrier.open(signal);
  try {
    channel.send(`${request}\n`);
    return await expectWord(carrier, channel, answer, signal);
  } finally {
    channel.end();
  }
}

/** The next word, which must be `answer`; anything else is told as an error. */
export async function expectWord(
  carrier: Carrier,
  channel: Channel,
  answer: string,
  signal?: AbortSignal,
): Promise<string[]> {
  let word = await channel.word(signal);
  while (word === READY) word = await channel.word(signal);
  if (word === null) throw carrier.broken(channel);
  const [first, ...rest] = word.split(' ');
  if (first === answer) return rest;
  if (first === 'missing') throw noSuchJob(carrier);
  throw new KfsError('refused', `${carrier.name}: ${rest.join(' ') || word}`);
}

/** The host knows nothing of the job: its spool did not survive a power cut, or was forgotten. */
export const noSuchJob = (carrier: Carrier): KfsError =>
  new KfsError('interrupted', `${carrier.name} knows nothing of this job`, {
    next: 'If the machine lost power in the moment of the start, run the step again.',
  });

/** Exactly `size` bytes, announced by a word. */
export async function takeBytes(
  carrier: Carrier,
  channel: Channel,
  size: number,
  signal?: AbortSignal,
): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let missing = size;
  while (missing > 0) {
    const bytes = channel.read();
    if (bytes) {
      pieces.push(bytes);
      missing -= bytes.length;
    } else if (channel.drained) {
      throw carrier.broken(channel);
    } else {
      await channel.changed(signal);
    }
  }
  return Buffer.concat(pieces);
}
