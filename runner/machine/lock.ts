/** The machine's lock: held by a channel, on the host itself, so that it dies with its holder. */
import { KfsError } from '../errors.ts';
import type { Carrier } from './carrier.ts';
import { READY } from './carrier.ts';
import type { Lock } from './machine.ts';

export async function lock(carrier: Carrier, owner: string, signal?: AbortSignal): Promise<Lock> {
  const channel = await carrier.open(signal);
  channel.send(`lock ${oneLine(owner)}\n`);
  let word = await channel.word(signal);
  while (word === READY) word = await channel.word(signal);
  if (word !== 'locked') {
    channel.end();
    if (!word?.startsWith('held')) throw carrier.broken(channel);
    const holder = word.slice('held '.length) || 'another runner';
    throw new KfsError('machine-locked', `${carrier.name} is in use by ${holder}`, {
      next: 'Wait until it has finished there, or stop that runner; the lock goes with it.',
    });
  }
  channel.keepAlive();
  const lost = new AbortController();
  let released = false;
  const ended = channel.ended().then(() => {
    if (!released) lost.abort(carrier.broken(channel));
  });
  return {
    lost: lost.signal,
    release() {
      released = true;
      channel.end();
      return ended;
    },
  };
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim().slice(0, 200) || 'a runner';
