/** 100 MB of output: a step's through journal and page, and a terminal's through the page, beside WeTTY's. */
import { cannotRunSshd } from '../../runner/machine/testing/sshd.ts';
import { Desk } from './support/desk.ts';
import { inTurn, median, notRun, print, printLoad } from './support/figures.ts';
import type { Page } from './support/page.ts';
import { FLOOD, floodCommand, floodDigest, RIG_BOOK } from './support/rig.ts';
import { cannotGetWetty, Wetty } from './support/wetty.ts';

const TITLE = '100 MB of output over ssh';
const ROUNDS = { rounds: 3, seconds: 20, warm: 0 };
const WAYS = {
  step: 'a step: journal (length and digest right) and page',
  terminal: 'a terminal: page only, like the peer',
};
const megabytes = FLOOD / 1024 / 1024;

/** Milliseconds until the page has every byte and the journal its length and digest. */
async function throughStep(page: Page): Promise<number> {
  const { digest } = RIG_BOOK.steps.find(({ id }) => id === 'flood')!;
  const began = performance.now();
  const started = page.started();
  const over = page.ask({ type: 'run', step: 'flood', subject: 'n1', digest, mode: 'run' });
  const run = await started;
  const followed = await page.follow({ run });
  await Promise.all([over, followed.ended]);
  const took = performance.now() - began;
  const { bytes, sha256, outcome } = await page.ask({ type: 'run.info', run });
  const complete = followed.bytes === FLOOD && bytes === FLOOD && sha256 === floodDigest(FLOOD);
  if (!complete || outcome !== 'done')
    throw new Error(
      `${followed.bytes} of ${FLOOD} bytes came, ${bytes} in the journal, ${sha256}, ${outcome}`,
    );
  return took;
}

/** Milliseconds of the same command in a terminal of the page. */
async function throughTerminal(page: Page): Promise<number> {
  const size = { columns: 80, rows: 24 };
  const { shell } = await page.ask({ type: 'shell.open', machine: 'n1', size });
  const followed = await page.follow({ shell });
  const began = performance.now();
  page.type(followed.stream, `${floodCommand(FLOOD)}; exit\n`);
  await followed.ended;
  const took = performance.now() - began;
  if (followed.bytes < FLOOD) throw new Error(`${followed.bytes} of ${FLOOD} bytes came`);
  await page.ask({ type: 'shell.close', shell });
  return took;
}

async function throughWetty(wetty: Wetty): Promise<number> {
  const { ms, bytes } = await wetty.read();
  if (bytes < FLOOD) process.stdout.write(`WeTTY lost ${FLOOD - bytes} of ${FLOOD} bytes\n`);
  return ms;
}

const rate = (ms: number): number => (megabytes / ms) * 1000;

const cannot = cannotRunSshd();
if (cannot) notRun(TITLE, cannot);
else {
  await using desk = await Desk.open();
  await desk.startRig();
  const page = await desk.page();
  const noPeer = await cannotGetWetty();
  const wetty = noPeer ? undefined : await Wetty.start(desk.sshd, floodCommand(FLOOD));
  const works = { step: () => throughStep(page), terminal: () => throughTerminal(page) };
  const times = wetty
    ? await inTurn({ ...works, peer: () => throughWetty(wetty) }, ROUNDS)
    : { ...(await inTurn(works, ROUNDS)), peer: [] };
  await wetty?.[Symbol.asyncDispose]();
  const beside = wetty && { peer: { name: 'WeTTY', value: median(times.peer) }, goal: { ratio: 1 } };
  for (const [way, name] of Object.entries(WAYS)) {
    const value = median(times[way as keyof typeof WAYS]);
    print({ name: `${TITLE}, ${name} (${rate(value).toFixed(0)} MB/s)`, value, unit: 'ms', ...beside });
  }
  if (noPeer) notRun(`${TITLE}, peer`, noPeer);
  printLoad();
}
