import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { it } from 'node:test';
import { job, onEachHost, Recorder } from './testing/hosts.ts';
import { eventually } from './testing/sshd.ts';

const noSudo =
  spawnSync('sudo', ['-n', 'true']).status === 0 ? false : 'sudo is missing here, or wants a password';

/** Processes whose command line is exactly this. */
const running = (command: string): number =>
  execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
    .split('\n')
    .filter(line => line.trim() === command).length;

let seconds = 900_000 + (process.pid % 10_000) * 10;

onEachHost('stopping a job on', on => {
  /** Runs a script until it has said `ready`, then stops it. */
  async function stopped(script: string, force: boolean) {
    const it = job(script);
    const seen = new Recorder();
    await on.machine.start(it);
    const ending = on.machine.follow(it.id, 0, seen.sink);
    await seen.until('ready');
    await on.machine.stop(it.id, force);
    return { ending: await ending, text: seen.text, id: it.id };
  }

  it('is polite first: the script can tidy up, and decides its status', async () => {
    const { ending, text } = await stopped(
      'trap "echo tidy; exit 9" TERM; echo ready; while :; do sleep 0.05; done',
      false,
    );
    assert.ok(ending.how === 'stopped' && ending.status === 9, JSON.stringify(ending));
    assert.match(text, /tidy/);
  });

  it('with force ends what does not listen', async () => {
    const it = job('trap "" TERM INT HUP; echo ready; while :; do sleep 0.05; done');
    const seen = new Recorder();
    await on.machine.start(it);
    const ending = on.machine.follow(it.id, 0, seen.sink);
    await seen.until('ready');
    await on.machine.stop(it.id, false);
    await on.machine.stop(it.id, true);
    const end = await ending;
    assert.ok(end.how === 'stopped' && end.status === 137, JSON.stringify(end));
  });

  for (const force of [false, true]) {
    it(`reaches a child that left the session, and its orphan${force ? ', with force' : ''}`, async () => {
      const command = `sleep ${++seconds}`;
      const orphan = `sleep ${++seconds}`;
      const script = `setsid ${command} & setsid --fork bash -c '${orphan} & wait'; until pgrep -fx '${orphan}' >/dev/null; do sleep 0.02; done; echo ready; wait`;
      const { ending } = await stopped(script, force);
      assert.equal(ending.how, 'stopped');
      await eventually(() => running(command) + running(orphan) === 0);
    });

    it(`reaches \`sudo sleep\`${force ? ', with force' : ''}`, { skip: noSudo }, async () => {
      const command = `sleep ${++seconds}`;
      const script = `sudo ${command} & until pgrep -fx '${command}' >/dev/null; do sleep 0.02; done; echo ready; wait`;
      const { ending } = await stopped(script, force);
      assert.equal(ending.how, 'stopped');
      await eventually(() => running(command) === 0);
    });
  }

  it('finds the script even when it comes with the start', async () => {
    const it = job('sleep 1000');
    await on.machine.start(it);
    await on.machine.stop(it.id, false);
    const ending = await on.machine.follow(it.id, 0, () => {});
    assert.equal(ending.how, 'stopped');
  });

  it('leaves other jobs alone', async () => {
    const other = job('echo ready; read -r _; echo unharmed');
    const seen = new Recorder();
    await on.machine.start(other);
    const ending = on.machine.follow(other.id, 0, seen.sink);
    await seen.until('ready');
    await stopped('echo ready; sleep 1000', true);
    await on.machine.input(other.id, Buffer.from('\n'));
    const end = await ending;
    assert.ok(end.how === 'exited' && end.status === 0, JSON.stringify(end));
    assert.match(seen.text, /unharmed/);
  });

  it('says nothing else of a job that has ended by itself', async () => {
    const it = job('exit 4');
    await on.machine.start(it);
    const ending = await on.machine.follow(it.id, 0, () => {});
    await on.machine.stop(it.id, true);
    assert.deepEqual(await on.host.machine().follow(it.id, 0, () => {}), ending);
  });
});

it.skip(
  "reaches root's orphan in a session of its own, by the cgroup of the systemd unit: systemd is not PID 1 here",
);
