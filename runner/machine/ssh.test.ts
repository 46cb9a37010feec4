import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import type { Machine } from './machine.ts';
import { sshMachine } from './ssh.ts';
import { job, Recorder, runJob } from './testing/hosts.ts';
import { cannotRunSshd, TestSshd } from './testing/sshd.ts';

describe('the way to a machine', { skip: cannotRunSshd(), timeout: 180_000 }, () => {
  let sshd: TestSshd;
  const open: Machine[] = [];
  before(async () => {
    sshd = await TestSshd.start();
  });
  afterEach(() => Promise.all(open.splice(0).map(machine => machine.close())));
  after(() => sshd?.stop());

  function connect(): Machine {
    const machine = sshMachine(sshd);
    open.push(machine);
    return machine;
  }

  it('is one connection, made once for all that is asked at the same time', async () => {
    const machine = connect();
    const facts = await Promise.all([machine.facts(), machine.facts(), machine.facts()]);
    assert.equal(new Set(facts.map(each => each.bootId)).size, 1);
    assert.match(facts[0]?.bootId ?? '', /^[0-9a-f-]{36}$/);
  });

  it('does not mind what the login shell prints', async () => {
    writeFileSync(
      join(sshd.dir, 'home', '.bashrc'),
      'echo "welcome, this is noise"; echo "more noise" >&2\n',
    );
    const { text } = await runJob(connect(), 'echo signal');
    assert.equal(text, 'signal\n');
  });

  it('lost in the middle of a step is an error; the step goes on and is re-joined from the last byte', async () => {
    const machine = connect();
    const it = job('echo before; read -r _; seq 20000; exit 3');
    const seen = new Recorder();
    await machine.start(it);
    const first = machine.follow(it.id, 0, seen.sink);
    await seen.until('before');
    assert.ok(sshd.cutLinks() > 0);
    await assert.rejects(first, { code: 'machine-unreachable' });
    const second = machine.follow(it.id, seen.bytes.length, seen.sink);
    await machine.input(it.id, Buffer.from('\n'));
    const ending = await second;
    assert.ok(ending.how === 'exited' && ending.status === 3 && ending.bytes === seen.bytes.length);
    assert.match(seen.text, /\n19999\n20000\n$/);
  });

  it('takes its lock with it when it is lost', async () => {
    const machine = connect();
    const lock = await machine.lock('me');
    const lost = new Promise(resolve => lock.lost.addEventListener('abort', resolve));
    sshd.cutLinks();
    await lost;
    assert.equal((lock.lost.reason as { code?: string }).code, 'machine-unreachable');
    await (await connect().lock('another')).release();
  });

  it('that has gone silent is noticed', { timeout: 60_000 }, async () => {
    const machine = connect();
    const it = job('echo before; sleep 1000');
    const seen = new Recorder();
    await machine.start(it);
    const following = machine.follow(it.id, 0, seen.sink);
    await seen.until('before');
    const undo = sshd.silenceLinks();
    try {
      await assert.rejects(following, { code: 'machine-unreachable' });
    } finally {
      undo();
    }
    await machine.stop(it.id, true);
    assert.equal((await machine.follow(it.id, seen.bytes.length, seen.sink)).how, 'stopped');
  });

  it('comes back after the machine was away', async () => {
    const machine = connect();
    const { bootId } = await machine.facts();
    await sshd.down();
    await assert.rejects(machine.facts(), { code: 'machine-unreachable', message: /testhost/ });
    await sshd.up();
    assert.equal((await machine.facts()).bootId, bootId);
  });

  it('is refused to a key that the machine does not know', async () => {
    sshd.allowUser(false);
    await assert.rejects(connect().facts(), { code: 'login-refused', message: /Permission denied/ });
    sshd.allowUser(true);
  });

  it('is refused to a host key that is not pinned', async () => {
    sshd.forgetHostKey();
    await assert.rejects(connect().facts(), { code: 'host-key-unknown' });
    sshd.pinHostKey();
  });

  it('is refused to a host key that has changed, until the new one is pinned', async () => {
    await sshd.down();
    sshd.changeHostKey();
    await sshd.up();
    const machine = connect();
    const refused = { code: 'host-key-changed', next: /reinstalled on purpose/ };
    await assert.rejects(machine.facts(), refused);
    sshd.pinHostKey();
    assert.ok((await machine.facts()).bootId);
  });

  it('says so when the machine cannot keep anything', async () => {
    const elsewhere = await TestSshd.start([]);
    try {
      mkdirSync(join(elsewhere.dir, 'home', '.local'));
      writeFileSync(join(elsewhere.dir, 'home', '.local', 'state'), 'a file where a directory has to be');
      await assert.rejects(sshMachine(elsewhere).facts(), { code: 'machine-unreachable', message: /mkdir/ });
    } finally {
      await elsewhere.stop();
    }
  });
});
