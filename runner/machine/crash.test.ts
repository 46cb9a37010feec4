import assert from 'node:assert/strict';
import { it } from 'node:test';
import { onEachHost, Recorder } from './testing/hosts.ts';
import { anotherProcess } from './testing/process.ts';

const job = (id: string, script: string): string =>
  `{ id: '${id}', script: ${JSON.stringify(script)}, env: {}, timeoutMs: 60000, size: { columns: 80, rows: 24 } }`;

onEachHost('a runner that is killed, on', on => {
  it('leaves its job running, which the next runner finds, follows from the last byte and collects', async () => {
    const script = 'echo first; read -r line; echo "then $line"; exit 6';
    const code = `await machine.start(${job('survivor', script)}); await machine.follow('survivor', 0, ({ bytes }) => console.log(Buffer.from(bytes).toString()));`;
    const first = anotherProcess(on.host.recipe, code);
    await first.said('first');
    await first.kill();

    const found = await on.machine.jobs();
    assert.deepEqual(
      found.map(({ id, state }) => [id, state]),
      [['survivor', 'running']],
    );
    await on.machine.input('survivor', Buffer.from('on\n'));
    const seen = new Recorder();
    const ending = await on.machine.follow('survivor', 0, seen.sink);
    assert.equal(seen.text, 'first\non\nthen on\n');
    assert.ok(ending.how === 'exited' && ending.status === 6);
    let rest = '';
    await on.host.machine().follow('survivor', 7, ({ bytes }) => {
      rest += Buffer.from(bytes).toString();
    });
    assert.equal(rest, 'on\r\nthen on\r\n');
    await on.machine.forget('survivor');
    assert.deepEqual(await on.machine.jobs(), []);
  });

  it('finds the true outcome of what ended while nobody was there', async () => {
    const code = `await machine.start(${job('alone', 'sleep 0.5; echo over; exit 2')}); console.log('started'); await new Promise(() => {});`;
    const first = anotherProcess(on.host.recipe, code);
    await first.said('started');
    await first.kill();
    const seen = new Recorder();
    const ending = await on.machine.follow('alone', 0, seen.sink);
    assert.ok(ending.how === 'exited' && ending.status === 2);
    assert.equal(seen.text, 'over\n');
  });

  it('never leaves half a job, at whatever moment it is killed', async () => {
    for (let round = 0; round < 8; round++) {
      const id = `moment-${round}`;
      const script = `echo one; echo two; exit ${round}`;
      const code = `console.log('here'); await machine.start(${job(id, script)}); console.log('started'); await machine.follow('${id}', 0, () => {}); await new Promise(() => {});`;
      const first = anotherProcess(on.host.recipe, code);
      await first.said('here');
      await new Promise(resolve => setTimeout(resolve, round * 40));
      await first.kill();
      await on.machine.start({ id, script, env: {}, timeoutMs: 60_000, size: { columns: 80, rows: 24 } });
      const seen = new Recorder();
      const ending = await on.machine.follow(id, 0, seen.sink);
      assert.ok(ending.how === 'exited' && ending.status === round, JSON.stringify(ending));
      assert.equal(seen.text, 'one\ntwo\n');
    }
  });
});
