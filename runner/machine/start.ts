/** Ships a script and has it started. */
import type { Carrier } from './carrier.ts';
import type { Channel } from './channel.ts';
import type { Job } from './machine.ts';
import { checkId, expectWord } from './request.ts';
import { exportLines } from './text.ts';

/** The channel goes on with the job's output from its first byte. */
export async function startJob(
  carrier: Carrier,
  job: Job,
  signal?: AbortSignal,
): Promise<{ channel: Channel; bootId: string }> {
  const env = Buffer.from(exportLines(job.env));
  const script = Buffer.from(job.script.endsWith('\n') ? job.script : `${job.script}\n`);
  const limit = Math.max(1, Math.ceil(job.timeoutMs));
  const { columns, rows } = job.size;
  const request = `start ${checkId(job.id)} ${limit} ${columns} ${rows} ${env.length} ${script.length}\n`;
  const channel = await carrier.open(signal);
  try {
    channel.send(request, env, script, 'go\n');
    const [bootId = ''] = await expectWord(carrier, channel, 'started', signal);
    channel.keepAlive();
    return { channel, bootId };
  } catch (error) {
    channel.destroy();
    throw error;
  }
}
