/** What is kept on the host. */
import type { Carrier } from './carrier.ts';
import { parseEnding } from './ending.ts';
import type { JobStatus } from './machine.ts';
import { ask, checkId, expectWord } from './request.ts';

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
