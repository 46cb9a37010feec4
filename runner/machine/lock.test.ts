import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Machine } from './machine.ts';
import { HOSTS, type TestHost } from './testing/hosts.ts';
import { anotherProcess } from './testing/process.ts';
import { eventually } from './testing/sshd.ts';

for (const kind of HOSTS) {
  describe(`the lock of ${kind.name}`, { skip: kind.skip, timeout: 120_000 }, () => {
    let host: TestHost;
    let machine: Machine;
    before(async () => {
      host = await kind.make();
      machine = host.machine();
    });
    after(() => host?.end());

    it('is held by one runner at a time, and names it to the others', async () => {
      const lock = await machine.lock('the page,\nprocess 7');
      await assert.rejects(host.machine().lock('another'), {
        code: 'machine-locked',
        message: /in use by the page, process 7$/,
      });
      await assert.rejects(machine.lock('itself'), { code: 'machine-locked' });
      await lock.release();
      await lock.release();
      const next = await host.machine().lock('another');
      await next.release();
    });

    it('goes to one of many who ask at once', async () => {
      const asked = await Promise.allSettled(
        Array.from({ length: 5 }, (_, n) => host.machine().lock(`runner ${n}`)),
      );
      const locks = asked.flatMap(each => (each.status === 'fulfilled' ? [each.value] : []));
      assert.equal(locks.length, 1);
      await locks[0]?.release();
    });

    it('is free again when the process that held it is killed', async () => {
      const other = anotherProcess(
        host.recipe,
        "await machine.lock('the other process'); console.log('locked'); await new Promise(() => {});",
      );
      await other.said('locked');
      await assert.rejects(machine.lock('me'), { code: 'machine-locked', message: /the other process/ });
      await other.kill();
      await eventually(async () => {
        const lock = await machine.lock('me').catch(() => undefined);
        await lock?.release();
        return lock !== undefined;
      });
    });
  });
}
