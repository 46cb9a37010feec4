import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { allowedIn, leastTaken, machinesOf, onOneProcessor } from './processor.ts';

test('the processors of a process are read, ranges and single ones', () => {
  assert.deepEqual(allowedIn('Name:\tx\nCpus_allowed_list:\t0-2,5\nMems_allowed:\t1\n'), [0, 1, 2, 5]);
});

test('a machine gets the processor that the fewest others have', () => {
  assert.equal(leastTaken([0, 1], []), 0);
  assert.equal(leastTaken([0, 1], [0]), 1);
  assert.equal(leastTaken([2, 3], [0, 0, 2, 3, 2]), 3);
});

test('what is started so stays on one processor, and the next machine is told', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kfs-processor-'));
  const kernel = join(folder, 'kfs-processor');
  await copyFile('/usr/bin/sleep', kernel);
  const [program, ...args] = [...onOneProcessor(kernel), kernel, '60'];
  const machine = spawn(program!, args);
  try {
    await once(machine, 'spawn');
    while (machinesOf('kfs-processor').length === 0) await sleep(20);
    const own = allowedIn(readFileSync(`/proc/${machine.pid}/status`, 'utf8'));
    assert.equal(own.length, 1);
    assert.deepEqual(machinesOf('kfs-processor'), own);
    const here = allowedIn(readFileSync('/proc/self/status', 'utf8'));
    if (here.length > 1) assert.notEqual(Number(onOneProcessor(kernel).at(-1)), own[0]);
  } finally {
    machine.kill();
    await rm(folder, { recursive: true });
  }
});
