/**
 * What the whole engine adds to a step `true` on a machine: asked for until recorded, and from a click in Chromium
 * to the first output on the page's WebSocket. Beside plain ssh over a shared connection. What the machine layer
 * alone adds is measured by runner/machine/bench.ts.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ptyShell } from '../../runner/machine/shell.ts';
import { sshMachine } from '../../runner/machine/ssh.ts';
import { cannotRunSshd } from '../../runner/machine/testing/sshd.ts';
import { createRunner } from '../../runner/run/engine.ts';
import type { Runner } from '../../runner/run/runner.ts';
import { statePaths } from '../../runner/state.ts';
import { ChapterInChromium } from './support/chromium.ts';
import { Desk } from './support/desk.ts';
import { inTurn, median, notRun, percentile, print, printLoad, timed } from './support/figures.ts';
import { RIG_BOOK, RIG_PLAN } from './support/rig.ts';

const PEER = '`ssh -S … true`';
/** Between two rounds: what a run tidies up in the background is done. */
const PAUSE = 100;

const plainSsh = (desk: Desk, ...command: string[]): string[] => [
  ...['-F', desk.sshd.configFile, '-S', desk.socket],
  ...[desk.sshd.name, ...command],
];

async function trueStep(runner: Runner): Promise<void> {
  const { digest } = RIG_BOOK.steps.find(({ id }) => id === 'true')!;
  const { outcome, reason } = await runner.run({
    ...{ step: 'true', subject: 'n1', digest },
    ...{ mode: 'run', by: 'bench' },
  });
  if (outcome !== 'done') throw new Error(reason);
}

async function overhead(desk: Desk): Promise<void> {
  const { configFile, name } = desk.sshd;
  const runner = await createRunner({
    ...{ manifest: RIG_BOOK, plan: RIG_PLAN, paths: statePaths(join(desk.dir, 'state')) },
    machines: machine => (machine === 'n1' ? sshMachine({ name, configFile }) : null),
  });
  const rested = async (work: () => Promise<unknown>) => {
    await delay(PAUSE);
    return timed(work);
  };
  const times = await inTurn(
    {
      ours: () => rested(() => trueStep(runner)),
      peer: () => rested(() => promisify(execFile)('ssh', plainSsh(desk, 'true'))),
    },
    { rounds: 40, seconds: 20, warm: 3 },
  );
  await runner.close();
  for (const p of [0.5, 0.9]) {
    const peer = { name: PEER, value: percentile(times.peer, p) };
    const goal = p === 0.5 ? { goal: { beyondPeer: 20 } } : {};
    const value = percentile(times.ours, p);
    print({
      name: `a step \`true\`, asked for until recorded, p${p * 100}`,
      value,
      unit: 'ms',
      peer,
      ...goal,
    });
  }
}

/** Milliseconds until plain ssh with a PTY has printed something. */
async function firstOutput(desk: Desk): Promise<number> {
  return timed(async () => {
    const size = { columns: 80, rows: 24 };
    const ssh = ptyShell('ssh', ['-tt', ...plainSsh(desk, 'echo hello')], size, '/');
    await new Promise<void>(resolve => ssh.onData(() => resolve()));
  });
}

async function click(desk: Desk): Promise<void> {
  const chapter = await ChapterInChromium.open(desk.sshd);
  if (typeof chapter === 'string') return notRun('click to first output', chapter);
  await using page = chapter;
  const times = await inTurn(
    { ours: () => page.clickToOutput(), peer: () => firstOutput(desk) },
    { rounds: 15, seconds: 15, warm: 2 },
  );
  const peer = { name: 'plain `ssh -S -tt … echo`', value: median(times.peer) };
  print({
    name: 'click in Chromium to first output on the page, p50',
    value: median(times.ours),
    unit: 'ms',
    peer,
  });
}

const cannot = cannotRunSshd();
if (cannot) notRun('overhead of a step', cannot);
else {
  await using desk = await Desk.open();
  await overhead(desk);
  await click(desk);
  printLoad();
}
