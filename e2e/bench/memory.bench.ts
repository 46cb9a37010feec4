/** The runner's memory: with a page that reads slowly, and through a step that writes a gigabyte. */
import { setTimeout as delay } from 'node:timers/promises';
import { cannotRunSshd } from '../../runner/machine/testing/sshd.ts';
import { Desk } from './support/desk.ts';
import { notRun, print, printLoad } from './support/figures.ts';
import type { Page } from './support/page.ts';
import { DELUGE, FLOOD, RIG_BOOK } from './support/rig.ts';

const GOAL = { value: 200 };
/** Before each acknowledgement of the slow page, in milliseconds. */
const SLOW = 200;
/** Where the gigabyte takes longer than this, the figure is of what was written by then. */
const PATIENCE = 40_000;

/** Runs a step of the workstation; the run's id, and the answer when it is over. */
async function begin(page: Page, step: string): Promise<{ run: string; over: Promise<{ outcome: string }> }> {
  const { digest } = RIG_BOOK.steps.find(({ id }) => id === step)!;
  const started = page.started();
  const over = page.ask({ type: 'run', step, subject: 'workstation', digest, mode: 'run' });
  return { run: await started, over };
}

async function slowPage(desk: Desk): Promise<void> {
  const page = await desk.page();
  const { run, over } = await begin(page, 'local-flood');
  const followed = await page.follow({ run }, SLOW);
  const { outcome } = await over;
  if (outcome !== 'done') throw new Error(outcome);
  const left = ((FLOOD - followed.bytes) / 1024 / 1024).toFixed(0);
  const name = `memory with 100 MB for a slow page, ${left} MB of it still to be shown`;
  print({ name, value: desk.peak(), unit: 'MB', goal: GOAL });
  page.close();
}

async function gigabyte(desk: Desk): Promise<void> {
  const page = await desk.page();
  const { run, over } = await begin(page, 'deluge');
  const ended = await Promise.race([over, delay(PATIENCE, undefined, { ref: false })]);
  const { bytes } = await page.ask({ type: 'run.info', run });
  if (ended && (ended.outcome !== 'done' || bytes !== DELUGE))
    throw new Error(`${ended.outcome}, ${bytes} bytes`);
  if (!ended) await page.ask({ type: 'stop', run, force: true });
  const how = ended
    ? '1 GB through the journal'
    : `a step stopped on its way to 1 GB, after ${PATIENCE / 1000} s`;
  print({ name: `memory with ${how}`, value: desk.peak(), unit: 'MB', goal: GOAL });
  await over;
}

const cannot = cannotRunSshd();
if (cannot) notRun('memory', cannot);
else {
  await using desk = await Desk.open();
  await desk.startRig();
  await desk.page();
  print({ name: 'memory at rest', value: desk.peak(), unit: 'MB' });
  await slowPage(desk);
  await gigabyte(desk);
  printLoad();
}
