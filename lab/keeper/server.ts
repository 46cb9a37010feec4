/** The keeper's end of its socket: one request a connection, each a line of JSON, and every one is answered. */
import { createServer, type Server, type Socket } from 'node:net';
import { KfsError } from '../../runner/errors.ts';
import type { Answer, Request } from './protocol.ts';

/** Not listening yet. What `answer` throws is told to whoever asked; it never ends the process. */
export function requestServer(answer: (request: Request) => Promise<Answer>): Server {
  return createServer(client => serve(client, answer));
}

function serve(client: Socket, answer: (request: Request) => Promise<Answer>): void {
  let text = '';
  client.on('error', () => {});
  client.on('data', async (chunk: Buffer) => {
    text += chunk.toString();
    if (!text.endsWith('\n')) return;
    client.end(`${JSON.stringify(await reply(text, answer))}\n`);
  });
}

async function reply(line: string, answer: (request: Request) => Promise<Answer>): Promise<Answer> {
  try {
    return await answer(parse(line));
  } catch (error) {
    return refusal(error);
  }
}

/** All machines hang on the keeper: a line that is no request is refused like any other. */
function parse(line: string): Request {
  try {
    return JSON.parse(line) as Request;
  } catch (cause) {
    throw new KfsError('usage', "the lab's keeper was sent a line that is not JSON", {
      next: 'ask it by kfs lab …; how it is spoken to is in lab/keeper/protocol.ts',
      cause,
    });
  }
}

/** An error as the answer that tells it. */
export function refusal(error: unknown): Answer {
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof KfsError)) return { ok: false, code: 'lab-failed', message };
  return { ok: false, code: error.code, message, ...(error.next ? { next: error.next } : {}) };
}
