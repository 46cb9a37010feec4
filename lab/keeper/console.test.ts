import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Console } from './console.ts';

/** A file's text, once it ends so: the log is written behind. */
async function endingIn(file: string, text: string): Promise<string> {
  for (let tries = 0; tries < 100; tries++) {
    if (existsSync(file) && (await readFile(file, 'utf8')).endsWith(text)) break;
    await sleep(20);
  }
  return readFile(file, 'utf8');
}

test('a log that has grown too large is put aside at the next power-on, and the new one is written', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kfs-console-'));
  const log = join(folder, 'console.log');
  const machine = new Console(log, join(folder, 'socket'), 10);
  const session = async (text: string) => {
    const output = new PassThrough();
    machine.plug(output, new PassThrough());
    output.end(text);
    return endingIn(log, text);
  };
  try {
    assert.equal(await session('short'), 'short');
    assert.equal(await session(', and longer'), 'short, and longer');
    assert.equal(await session('third'), 'third');
    assert.equal(await readFile(`${log}.1`, 'utf8'), 'short, and longer');
  } finally {
    machine.close();
    await rm(folder, { recursive: true, force: true });
  }
});
