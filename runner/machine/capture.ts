/** A short script without a terminal: a check. */
import { randomBytes } from 'node:crypto';
import { KfsError } from '../errors.ts';
import type { Carrier } from './carrier.ts';
import type { Channel } from './channel.ts';
import type { Captured } from './machine.ts';
import { takeBytes } from './request.ts';
import { exportLines } from './text.ts';

/** How long a child that was left behind may keep the output open after the script's end. */
const LEFT_MS = 500;
/** How long the host may take to kill what passed the limit. */
const PATIENCE_MS = 10_000;

export async function capture(
  carrier: Carrier,
  script: string,
  variables: Record<string, string>,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<Captured> {
  const env = Buffer.from(exportLines(variables));
  const text = Buffer.from(`${script}\n`);
  const id = `capture-${randomBytes(8).toString('hex')}`;
  const seconds = (Math.max(1, timeoutMs) / 1000).toFixed(3);
  const channel = await carrier.open(signal);
  // Our own limit is for a host that has stopped answering; the host keeps the limit itself.
  const overdue = AbortSignal.timeout(timeoutMs + PATIENCE_MS);
  try {
    channel.send(`capture ${id} ${seconds} ${env.length} ${text.length}\n`, env, text, 'go\n');
    return await collect(carrier, channel, signal ? AbortSignal.any([signal, overdue]) : overdue);
  } catch (error) {
    if (error === overdue.reason)
      throw new KfsError('machine-unreachable', `${carrier.name} does not answer`);
    throw error;
  } finally {
    channel.destroy();
  }
}

async function collect(carrier: Carrier, channel: Channel, signal: AbortSignal): Promise<Captured> {
  let status: number | undefined;
  let timedOut = false;
  let left: NodeJS.Timeout | undefined;
  try {
    for (;;) {
      const word = await channel.word(signal);
      const [verb = '', value = ''] = word?.split(' ') ?? [];
      if (word === null) throw carrier.broken(channel);
      if (verb === 'failed') throw new KfsError('refused', `${carrier.name}: ${word}`);
      if (verb === 'timeout') timedOut = true;
      if (verb === 'status') {
        status = Number(value);
        left = setTimeout(() => channel.end(), LEFT_MS);
      }
      if (verb === 'printed') {
        const output = await takeBytes(carrier, channel, Number(value), signal);
        channel.send('enough\n');
        return { status: status ?? 137, output: output.toString('utf8'), timedOut };
      }
    }
  } finally {
    clearTimeout(left);
  }
}
