import assert from 'node:assert/strict';
import { it } from 'node:test';
import { onEachHost } from './testing/hosts.ts';
import { anotherProcess } from './testing/process.ts';
import { eventually } from './testing/sshd.ts';

onEachHost('the lock of', on => {
  it('is held by one runner at a time, and names it to the others', async () => {
    const lock = await on.machine.lock('the page,\nprocess 7');
    await assert.rejects(on.host.machine().lock('another'), {
      code: 'machine-locked',
      message: /in use by the page, process 7$/,
    });
    await assert.rejects(on.machine.lock('itself'), { code: 'machine-locked' });
    await lock.release();
    await lock.release();
    const next = await on.host.machine().lock('another');
    await next.release();
  });

  it('goes to one of many who ask at once', async () => {
    const asked = await Promise.allSettled(
      Array.from({ length: 5 }, (_, n) => on.host.machine().lock(`runner ${n}`)),
    );
    const locks = asked.flatMap(each => (each.status === 'fulfilled' ? [each.value] : []));
    assert.equal(locks.length, 1);
    await locks[0]?.release();
  });

  it('is free again when the process that held it is killed', async () => {
    const other = anotherProcess(
      on.host.recipe,
      "await machine.lock('the other process'); console.log('locked'); await new Promise(() => {});",
    );
    await other.said('locked');
    await assert.rejects(on.machine.lock('me'), { code: 'machine-locked', message: /the other process/ });
    await other.kill();
    await eventually(async () => {
      const lock = await on.machine.lock('me').catch(() => undefined);
      await lock?.release();
      return lock !== undefined;
    });
  });
});
