/**
 * What the runner adds to a step: `true` from start to recorded end, beside `ssh -S` of the same host in the
 * same minute; and the echo of a key, beside `ssh -tt`. Against an sshd of its own on loopback:
 *
 *   node runner/machine/bench.ts [rounds]
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { masterArgv, shellArgv } from './argv.ts';
import type { Machine } from './machine.ts';
import { ptyShell } from './shell.ts';
import { sshMachine } from './ssh.ts';
import { cannotRunSshd, eventually, TestSshd } from './testing/sshd.ts';

const SIZE = { columns: 80, rows: 24 };
const rounds = Number(process.argv[2] ?? 40);

/** Of a list of milliseconds, the value that the share `p` does not exceed. */
const percentile = (values: number[], p: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * p))] ?? Number.NaN;

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

function report(what: string, ours: number[], peer: string, theirs: number[]): void {
  for (const p of [0.5, 0.99]) {
    const [a, b] = [percentile(ours, p), percentile(theirs, p)];
    const line = `${what} p${p * 100}: ${a.toFixed(1)} ms; ${peer} ${b.toFixed(1)} ms; + ${(a - b).toFixed(1)} ms, ratio ${(a / b).toFixed(2)}`;
    process.stdout.write(`${line}\n`);
  }
}

async function trueStep(machine: Machine, id: string): Promise<void> {
  await machine.start({ id, script: 'true', env: {}, timeoutMs: 60_000, size: SIZE });
  await machine.follow(id, 0, () => {});
}

/** Our step and ssh's `true` in turn, so that both meet the same load. */
async function overhead(machine: Machine, sshd: TestSshd, socket: string): Promise<void> {
  const ours: number[] = [];
  const theirs: number[] = [];
  const ssh = promisify(execFile);
  for (let round = 0; round < rounds + 3; round++) {
    const id = `bench-${round}`;
    const mine = await timed(() => trueStep(machine, id));
    await machine.forget(id);
    await delay(100);
    const peer = await timed(() => ssh('ssh', ['-F', sshd.configFile, '-S', socket, sshd.name, 'true']));
    await delay(100);
    if (round >= 3) ours.push(mine) && theirs.push(peer);
  }
  report('a step `true`, start to recorded end', ours, '`ssh -S … true`', theirs);
}

interface Typist {
  write(bytes: Uint8Array): void;
  /** Resolves when output has come. */
  heard(): Promise<void>;
}

async function echo(typist: Typist): Promise<number> {
  const heard = typist.heard();
  return timed(async () => {
    typist.write(Buffer.from('x'));
    await heard;
  });
}

async function keystrokes(machine: Machine, sshd: TestSshd, socket: string): Promise<void> {
  const ear = { listener: () => {} };
  const heard = () => new Promise<void>(resolve => (ear.listener = resolve));
  const script = 'stty -icanon; echo ready; cat >/dev/null';
  await machine.start({ id: 'keys', script, env: {}, timeoutMs: 600_000, size: SIZE });
  const ready = heard();
  const following = machine.follow('keys', 0, () => ear.listener());
  await ready;
  const shell = ptyShell('ssh', shellArgv(sshd, socket), SIZE, '/');
  const other = { listener: () => {}, bytes: 0 };
  shell.onData(bytes => {
    other.bytes += bytes.length;
    other.listener();
  });
  await eventually(() => other.bytes > 0);
  shell.write(Buffer.from('cat >/dev/null\n'));
  await delay(1000);
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let key = 0; key < rounds * 10; key++) {
    ours.push(await echo({ write: bytes => void machine.input('keys', bytes), heard }));
    const answered = () => new Promise<void>(resolve => (other.listener = resolve));
    theirs.push(await echo({ write: bytes => shell.write(bytes), heard: answered }));
    await delay(5);
  }
  report('the echo of a key in a step', ours, '`ssh -tt`', theirs);
  shell.kill();
  await machine.stop('keys', true);
  await following;
  await machine.forget('keys');
}

const why = cannotRunSshd();
if (why) {
  process.stdout.write(`not run: ${why}\n`);
} else {
  const sshd = await TestSshd.start();
  const socket = join(sshd.dir, 'peer');
  const peer = spawn('ssh', masterArgv(sshd, socket, 'echo up; exec cat >/dev/null'), {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(peer.stdout, 'data');
  const machine = sshMachine(sshd);
  try {
    await overhead(machine, sshd, socket);
    await keystrokes(machine, sshd, socket);
  } finally {
    await machine.close();
    peer.stdin.end();
    await once(peer, 'exit');
    await sshd.stop();
  }
}
