import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { KfsError } from '../../runner/errors.ts';
import { ask } from './protocol.ts';
import { requestServer } from './server.ts';

let folder: string;
let socket: string;
let server: Server;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kfs-keeper-'));
  socket = join(folder, 'keeper.sock');
  server = requestServer(async request => {
    if (request.type === 'status') return { ok: true };
    throw new KfsError('refused', 'not now', { next: 'later' });
  });
  await once(server.listen(socket), 'listening');
});
afterEach(async () => {
  server.close();
  await rm(folder, { recursive: true, force: true });
});

/** What is answered to a raw line. */
async function send(line: string): Promise<string> {
  const client = createConnection(socket);
  client.write(line);
  let told = '';
  for await (const chunk of client) told += chunk;
  return told;
}

test('a line that is no request is answered with an error, and the next request as ever', {
  timeout: 10_000,
}, async () => {
  for (const line of ['{"type":\n', '\n', 'null\n', '{"type":"status"}{"type":"status"}\n']) {
    const answer = JSON.parse(await send(line)) as { ok: boolean; message: string };
    assert.equal(answer.ok, false, line);
    assert.ok(answer.message);
  }
  assert.equal(await ask(socket, { type: 'status' }), undefined);
});

test('a refusal comes back as the error that it is', async () => {
  await assert.rejects(ask(socket, { type: 'down' }), { code: 'refused', message: 'not now', next: 'later' });
});
