import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
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

test('a lock is waited for while its owner lives, and is free when the owner is killed', async () => {
  const file = join(folder, 'lock');
  const owner = spawn('flock', [file, 'sh', '-c', 'echo held; exec sleep 60'], {
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  });
  await new Promise(resolve => owner.stdout.once('data', resolve));
  const told: string[] = [];
  const options = {
    signal: AbortSignal.timeout(700),
    report: (progress: { text: string }) => told.push(progress.text),
  };
  await assert.rejects(takeLock(file, 'the thing', options), { name: /AbortError|TimeoutError/ });
  assert.deepEqual(told, ['another process makes the thing']);
  process.kill(-owner.pid!, 'SIGKILL');
  await (await takeLock(file, 'the thing')).release();
});

test('a process is known by its number and the time of its start', async () => {
  assert.match(await startTime(process.pid), /^\d+$/);
  assert.equal(await startTime(999_999_999), '');
});

test('a digest tells inputs apart that only together are the same', () => {
  assert.notEqual(digestOf('ab', 'c'), digestOf('a', 'bc'));
  assert.equal(digestOf('a', 'b'), digestOf('a', 'b'));
});

test('what changed since it was made is made again, by one of two who find it so', async () => {
  let made = 0;
  const path = join(folder, 'thing');
  const thing = {
    ...options(async draft => {
      made += 1;
      await writeFile(draft, 'good');
    }),
    changed: async () => ((await readFile(path, 'utf8')) === 'good' ? [] : ['thing']),
  };
  await cached(thing);
  await writeFile(path, 'damaged');
  const told: string[] = [];
  const report = ({ text }: { text: string }) => told.push(text);
  await Promise.all([cached({ ...thing, report }), cached({ ...thing, report })]);
  const again = 'the thing is made again: thing changed since it was made';
  assert.deepEqual(
    told.filter(text => text === again),
    [again],
  );
  assert.equal(await readFile(path, 'utf8'), 'good');
  assert.equal(made, 2);
  await writeFile(path, 'damaged');
  await assert.rejects(
    cached({ ...thing, make: () => Promise.reject(new Error('broken off')) }),
    /broken off/,
  );
  assert.equal(existsSync(path), false, 'what is damaged is not kept under its name');
});

test('what is made anew takes the place of the old one when it is whole, and not before', async () => {
  const at = (name: string) => join(folder, 'thing', name);
  const named = (name: string) => async (draft: string) => {
    await mkdir(draft);
    await writeFile(join(draft, name), '');
  };
  await cached(options(named('first')));
  const broken = async (draft: string) => {
    await named('half')(draft);
    assert.ok(existsSync(at('first')), 'the old one is there meanwhile');
    throw new Error('no network');
  };
  await assert.rejects(cached({ ...options(broken), fresh: true }), /no network/);
  assert.ok(existsSync(at('first')), 'and afterwards');
  await cached({ ...options(named('second')), fresh: true });
  assert.deepEqual([existsSync(at('first')), existsSync(at('second'))], [false, true]);
  assert.deepEqual((await readdir(folder)).sort(), ['thing', 'thing.lock'], 'nothing is left beside it');
});

test('when the work ends while one takes the place of the other, the old one comes back', async () => {
  await writeFile(join(folder, '.thing.old'), 'old');
  await cached(options(() => assert.fail('nothing is to be made')));
  assert.equal(await readFile(join(folder, 'thing'), 'utf8'), 'old');
});
