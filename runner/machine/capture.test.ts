import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { it } from 'node:test';
import { onEachHost } from './testing/hosts.ts';
import { eventually } from './testing/sshd.ts';

const processes = (): string => execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' });

onEachHost('a check on', on => {
  it('gives status and output, both streams as they came', async () => {
    const captured = await on.machine.capture('echo out; echo err >&2; echo more; exit 3', {}, 10_000);
    assert.deepEqual(captured, { status: 3, output: 'out\nerr\nmore\n', timedOut: false });
  });

  it('is a script for `bash -euo pipefail` without terminal and input, with the variables', async () => {
    const { output, status } = await on.machine.capture(
      'test ! -t 0; cat; echo "$KFS_A"; false | true; echo no',
      { KFS_A: "a 'b'" },
      10_000,
    );
    assert.deepEqual([output, status], ["a 'b'\nline 1: true (in a pipe: 1 0)\n", 1]);
  });

  it('keeps the last 64 KiB of a lot of output', async () => {
    const { output } = await on.machine.capture(
      'head -c 3000000 /dev/zero | tr "\\0" x; echo end',
      {},
      30_000,
    );
    assert.equal(output.length, 65_536);
    assert.ok(output.endsWith('xend\n'));
  });

  it('is killed at its limit with all it started, and keeps what it said', async () => {
    const mark = `sleep 8${process.pid}1`;
    const captured = await on.machine.capture(`echo begin; setsid ${mark} & ${mark}`, {}, 500);
    assert.ok(captured.timedOut && captured.output.startsWith('begin\n'), JSON.stringify(captured));
    assert.ok(!processes().includes(mark));
  });

  it('ends with its script, and a child that it left behind ends with it', async () => {
    const mark = `sleep 8${process.pid}2`;
    assert.deepEqual(await on.machine.capture(`echo done; ${mark} &`, {}, 60_000), {
      status: 0,
      output: 'done\n',
      timedOut: false,
    });
    await eventually(() => !processes().includes(mark));
  });

  it('is killed on the host when it is given up here', async () => {
    const mark = `sleep 8${process.pid}3`;
    const giveUp = new AbortController();
    const captured = on.machine.capture(mark, {}, 60_000, giveUp.signal);
    await eventually(() => processes().includes(mark));
    giveUp.abort(new Error('given up'));
    await assert.rejects(captured, /given up/);
    await eventually(() => !processes().includes(mark));
  });

  it("shows neither its text nor a variable's value in a process list", async () => {
    const { output } = await on.machine.capture(
      'ps -eo args # unseen-text',
      { KFS_SECRET: 'unseen-value' },
      10_000,
    );
    assert.ok(output.includes('serve.sh') && !output.includes('unseen'), output);
  });
});
