import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import type { Machine } from './machine.ts';
import { job, onEachHost, Recorder, runJob } from './testing/hosts.ts';
import { eventually } from './testing/sshd.ts';

onEachHost('a job on', on => {
  it('ends with the status of the script, and its length and digest', async () => {
    const { text, bytes, ending } = await runJob(on.machine, 'echo out; echo err >&2; exit 7');
    assert.equal(text, 'out\nerr\n');
    assert.equal(ending.how, 'exited');
    assert.ok(ending.how === 'exited' && ending.status === 7 && ending.bytes === bytes.length);
    assert.equal(ending.sha256, createHash('sha256').update(bytes).digest('hex'));
  });

  it('stops at the first command that fails, in a pipe too, and at an unset variable', async () => {
    const { text } = await runJob(on.machine, 'false | cat; echo not reached');
    assert.equal(text, 'line 1: cat (in a pipe: 1 0)\n');
    assert.match(
      (await runJob(on.machine, 'echo "$NOT_SET"; echo not reached')).text,
      /NOT_SET: unbound variable\n$/,
    );
  });

  it('has a terminal of the size asked for, the variables as they were given, and the login PATH', async () => {
    const awkward = 'a\'b "c" $HOME `id` \\ \n\tü';
    const script =
      'test -t 0 && test -t 1; stty size; echo "$TERM"; printf %s "$KFS_AWKWARD" | od -An -c; command -v ls';
    const { text } = await runJob(on.machine, script, {
      env: { KFS_AWKWARD: awkward },
      size: { columns: 101, rows: 33 },
    });
    const expected = await runJob(
      on.machine,
      `printf %s ${JSON.stringify(awkward).replace(/[$`]/g, '\\$&').replace('\\n', '\n').replace('\\t', '\t')} | od -An -c`,
    );
    assert.ok(text.startsWith(`33 101\nxterm-256color\n${expected.text}/`), text);
  });

  it('ends even if the word that its terminal is gone is lost', async () => {
    // Whoever would say it is killed: script(1) is two above the script, and he is above that.
    const parent = (of: string) => `$(ps -o ppid= -p ${of} | tr -d " ")`;
    const script = `script=${parent('$PPID')}; kill -KILL ${parent('$script')}; echo done; exit 3`;
    const { text, ending } = await runJob(on.machine, script);
    assert.equal(text, 'done\n');
    assert.ok(ending.how === 'exited' && ending.status === 3, JSON.stringify(ending));
  });

  it('delivers every byte as it was written: invalid UTF-8, NUL, no final newline', async () => {
    const { bytes } = await runJob(
      on.machine,
      String.raw`stty -opost; printf 'a\n\xff\xfe\x00\xc3(\x1b[31m'; printf end`,
    );
    assert.deepEqual(bytes, Buffer.from('a\n\xff\xfe\x00\xc3(\x1b[31mend', 'latin1'));
  });

  it('loses nothing of a burst from a command that ends at once', async () => {
    for (const kilobytes of [4, 16, 64, 4, 16, 64, 64, 64]) {
      const { bytes } = await runJob(on.machine, `stty -opost; head -c ${kilobytes * 1024} /dev/zero`);
      assert.equal(bytes.length, kilobytes * 1024);
    }
  });

  it('keeps what a child writes shortly after the script has ended', async () => {
    const { text, ending } = await runJob(on.machine, '(sleep 0.4; echo late) & echo main');
    assert.equal(text, 'main\nlate\n');
    assert.ok(ending.how === 'exited' && ending.durationMs < 400, JSON.stringify(ending));
  });

  it('keeps what a `tee` in a process substitution still writes', async () => {
    const { text } = await runJob(on.machine, 'exec > >(sleep 0.1; cat); echo through');
    assert.equal(text, 'through\n');
  });

  it('ends although a child holds the terminal and writes on, and hangs up on it', async () => {
    const script = '(trap "" HUP; while echo again; do sleep 0.01; done) & echo "child $!"; exit 3';
    const { text, ending } = await runJob(on.machine, script);
    const child = Number(/child (\d+)/.exec(text)?.[1]);
    assert.ok(
      ending.how === 'exited' && ending.status === 3 && ending.durationMs < 1000,
      JSON.stringify(ending),
    );
    await eventually(() => !isAlive(child));
  });

  it('takes input, and tells the program about a new size', async () => {
    const it = job(
      'trap "stty size" WINCH; read -r -p "name? " name; echo "hello $name"; until stty size | grep -q "^40 "; do sleep 0.05; done',
    );
    const seen = new Recorder();
    await on.machine.start(it);
    const ending = on.machine.follow(it.id, 0, seen.sink);
    await seen.until('name? ');
    await on.machine.input(it.id, Buffer.from('wörld\n'));
    await seen.until('hello');
    await on.machine.resize(it.id, { columns: 120, rows: 40 });
    assert.equal((await ending).how, 'exited');
    assert.match(Buffer.from(seen.bytes).toString(), /hello wörld\r\n(.|\s)*40 120/);
    await on.machine.forget(it.id);
  });

  it('passes Ctrl-C on to the script', async () => {
    const it = job('trap "echo got it; trap - INT; exit 5" INT; echo ready; while :; do sleep 0.05; done');
    const seen = new Recorder();
    await on.machine.start(it);
    const ending = on.machine.follow(it.id, 0, seen.sink);
    await seen.until('ready');
    await on.machine.input(it.id, Buffer.from([3]));
    const end = await ending;
    assert.ok(end.how === 'exited' && end.status === 5, JSON.stringify(end));
    assert.match(seen.text, /got it/);
  });

  it('knows when each piece of its output was written', async () => {
    const it = job('echo one; sleep 0.5; echo two');
    await on.machine.start(it);
    const ending = await on.machine.follow(it.id, 0, () => {});
    const moments = await on.machine.timing(it.id);
    assert.equal(
      moments.reduce((sum, { bytes }) => sum + bytes, 0),
      ending.bytes,
    );
    const [one, two] = [moments[0]?.atMs ?? 0, moments.at(-1)?.atMs ?? 0];
    assert.ok(two - one >= 480 && two - one < 5000, JSON.stringify(moments));
  });

  it('can be followed from any byte, and again after its end', async () => {
    const it = job('printf 0123456789');
    await on.machine.start(it);
    for (const offset of [0, 4, 9, 10]) {
      const pieces: Uint8Array[] = [];
      await on.host.machine().follow(it.id, offset, chunk => void pieces.push(chunk.bytes));
      assert.equal(Buffer.concat(pieces).toString(), '0123456789'.slice(offset));
    }
  });

  it('is started once, however often it is asked for', async () => {
    const it = job('sleep 0.3; echo once');
    const boots = await Promise.all([
      on.machine.start(it),
      on.host.machine().start(it),
      on.host.machine().start(it),
    ]);
    assert.equal(new Set(boots.map(({ bootId }) => bootId)).size, 1);
    const seen = new Recorder();
    await on.machine.follow(it.id, 0, seen.sink);
    assert.equal(seen.text, 'once\n');
    await on.machine.start(it);
    const again = new Recorder();
    await on.machine.follow(it.id, 0, again.sink);
    assert.equal(again.text, 'once\n');
  });

  it('keeps its time limit with no runner there, and says so', async () => {
    const it = job('echo began; sleep 1000', { timeoutMs: 700 });
    const alone = on.host.machine();
    await alone.start(it);
    await alone.close();
    await eventually(async () => (await on.machine.jobs()).find(({ id }) => id === it.id)?.state === 'ended');
    const seen = new Recorder();
    const ending = await on.machine.follow(it.id, 0, seen.sink);
    assert.ok(ending.how === 'timeout' && ending.durationMs < 6000, JSON.stringify(ending));
    assert.match(seen.text, /^began\n/);
  });

  it('is listed until it is forgotten, which a running one cannot be', async () => {
    const it = job('read -r _');
    const { bootId } = await on.machine.start(it);
    const find = async () => (await on.machine.jobs()).find(({ id }) => id === it.id);
    assert.deepEqual(await find(), { id: it.id, bootId, state: 'running' });
    await assert.rejects(on.machine.forget(it.id), { code: 'refused' });
    await on.machine.input(it.id, Buffer.from('\n'));
    const ending = await on.machine.follow(it.id, 0, () => {});
    assert.deepEqual(await find(), { id: it.id, bootId, state: 'ended', ending });
    await on.machine.forget(it.id);
    assert.equal(await find(), undefined);
    await assert.rejects(
      on.machine.follow(it.id, 0, () => {}),
      { code: 'interrupted' },
    );
  });

  it('was interrupted when its supervisor is gone and has left no status', async () => {
    const it = job('echo here; sleep 1000');
    const seen = new Recorder();
    await on.machine.start(it);
    const ending = on.machine.follow(it.id, 0, seen.sink);
    await seen.until('here');
    const at = (file: string) => join(on.host.root, 'jobs', it.id, file);
    process.kill(Number(readFileSync(at('pid'), 'utf8')), 'SIGKILL');
    assert.deepEqual(await ending, { how: 'interrupted', bytes: 6 });
    writeFileSync(at('status'), 'exited 0 1'); // torn by a power cut
    assert.deepEqual(await on.machine.follow(it.id, 6, seen.sink), { how: 'interrupted', bytes: 6 });
    const leader = Number(readFileSync(at('stage'), 'utf8'));
    await on.machine.stop(it.id, true); // what is left of it can still be ended
    await eventually(() => !isAlive(leader));
  });

  it('is not held up by a slow sink, and every piece is awaited', { timeout: 120_000 }, async () => {
    const it = job(`head -c ${64 * 1024 * 1024} /dev/zero | tr '\\0' x`, { timeoutMs: 100_000 });
    await on.machine.start(it);
    const began = process.memoryUsage().rss;
    let inSink = 0;
    let most = 0;
    let total = 0;
    const ending = await on.machine.follow(it.id, 0, async ({ bytes }) => {
      assert.equal(inSink++, 0);
      if (total === 0)
        await eventually(
          async () => (await on.machine.jobs())[0]?.id !== it.id || (await isEnded(on.machine, it.id)),
          90_000,
        );
      total += bytes.length;
      most = Math.max(most, process.memoryUsage().rss);
      inSink--;
    });
    assert.ok(
      ending.how === 'exited' && ending.status === 0 && ending.bytes === total && total === 64 * 1024 * 1024,
    );
    assert.ok(most - began < 100 * 1024 * 1024, `${most - began} bytes more`);
  });
});

const isEnded = async (machine: Machine, id: string) =>
  (await machine.jobs()).some(each => each.id === id && each.state === 'ended');

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
