import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { cached, digestOf, needSpace, startTime, takeLock } from './cache.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kfs-cache-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const options = (make: (draft: string) => Promise<void>) => ({
  ...{ path: join(folder, 'thing'), what: 'the thing', space: 1, make },
});

test('a thing is made once, also by two who want it at the same time', async () => {
  let made = 0;
  const make = async (draft: string) => {
    made += 1;
    await new Promise(resolve => setTimeout(resolve, 20));
    await writeFile(draft, String(made));
  };
  await Promise.all([cached(options(make)), cached(options(make))]);
  await cached(options(make));
  assert.equal(await readFile(join(folder, 'thing'), 'utf8'), '1');
  assert.equal(existsSync(join(folder, 'thing.lock')), false);
});

test('what failed half-way is not taken for done, and is made anew from nothing', async () => {
  const half = async (draft: string) => {
    await mkdir(draft);
    await writeFile(join(draft, 'half'), '');
    throw new Error('broken off');
  };
  await assert.rejects(cached(options(half)), /broken off/);
  assert.equal(existsSync(join(folder, 'thing')), false);
  await cached(options(draft => mkdir(draft)));
  assert.equal(existsSync(join(folder, 'thing', 'half')), false);
});

test('too little space is told before the work begins', async () => {
  await assert.rejects(needSpace(folder, 2 ** 60, 'the thing'), { code: 'disk-full', next: /make room/ });
});

test('the lock of a process that is gone is taken over, that of a living one is not', async () => {
  const file = join(folder, 'lock');
  await writeFile(file, '999999999 1');
  const lock = await takeLock(file, 'the thing');
  const waiting = takeLock(file, 'the thing', { signal: AbortSignal.timeout(700) });
  await assert.rejects(waiting, { name: /AbortError|TimeoutError/ });
  await lock.release();
  await writeFile(file, `${process.pid} 1`); // our number, but a process that started at another time
  await (await takeLock(file, 'the thing')).release();
  assert.notEqual(await startTime(process.pid), '');
});

test('a digest tells inputs apart that only together are the same', () => {
  assert.notEqual(digestOf('ab', 'c'), digestOf('a', 'bc'));
  assert.equal(digestOf('a', 'b'), digestOf('a', 'b'));
});
