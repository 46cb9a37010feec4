/** What is kept on the host. */
import type { Carrier } from './carrier.ts';
import { parseEnding } from './ending.ts';
import type { JobStatus, Moment } from './machine.ts';
import { ask, checkId, expectWord, takeBytes } from './request.ts';

export async function jobs(carrier: Carrier, signal?: AbortSignal): Promise<JobStatus[]> {
  const channel = await carrier.open(signal);
  const found: JobStatus[] = [];
  try {
    channel.send('jobs\n');
    for (;;) {
      const [more = '', id = '', bootId = '', state = ''] = await expectWord(carrier, channel, 'job', signal);
      if (more === 'none') return found;
      if (state === 'running') found.push({ id, bootId, state });
      else
        found.push({
          id,
          bootId,
          state: 'ended',
          ending: parseEnding(`end ${(await expectWord(carrier, channel, 'end', signal)).join(' ')}`),
        });
    }
  } finally {
    channel.end();
  }
}

export async function forget(carrier: Carrier, id: string): Promise<void> {
  await ask(carrier, `forget ${checkId(id)}`, 'finished');
}

/** The host keeps "seconds since the piece before, bytes". */
export async function timing(carrier: Carrier, id: string): Promise<Moment[]> {
  const channel = await carrier.open();
  try {
    channel.send(`timing ${checkId(id)}\n`);
    const [size] = await expectWord(carrier, channel, 'timing');
    const text = (await takeBytes(carrier, channel, Number(size))).toString();
    let seconds = 0;
    return text
      .split('\n')
      .filter(line => line !== '')
      .map(line => {
        const [pause, bytes] = line.split(' ').map(Number);
        seconds += pause ?? 0;
        return { atMs: Math.round(seconds * 1000), bytes: bytes ?? 0 };
      });
  } finally {
    channel.destroy();
  }
}
