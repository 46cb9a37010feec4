/**
 * Slow: the book is disturbed at random moments, from saved labs, and must go on from there to the same end. The
 * runner is killed, or its ssh connection, or the machine loses its power; then the same chapter is run again.
 */
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { compileBook } from '../../book/compile.ts';
import type { Manifest } from '../../book/manifest.ts';
import { duration } from '../../duration.ts';
import { CHECKOUT } from '../context.ts';
import { BookLab, inLab } from './book-lab.ts';
import { disturb } from './killed/disturb.ts';
import { difference, fingerprint } from './killed/fingerprint.ts';
import { chooseDisturbances, type Disturbance, randomFrom } from './killed/places.ts';
import { within } from './killed/within.ts';
import { type Counts, nothingMatches, type Suite, type SuiteContext } from './suite.ts';

/** The chapter before the first that works on a machine. */
const BEFORE = 'one-machine/roots-of-trust';
const PART = 'one-machine';
const PLACES = Number(process.env.KFS_PLACES ?? 10);
/** A place, both of its runs, that has not ended by then has failed; where less time is left no new one is begun. */
const PLACE_LIMIT_MINUTES = 12;
/** Most steps are shorter. */
const LONG_STEP_MS = 4000;
const SAVE = 'begin';

const say = (text: string): void => void process.stdout.write(`${text}\n`);

export const killedSuite: Suite = {
  name: 'killed',
  full: true,
  about: 'the book, disturbed at ten random moments, goes on to the same end',
  run: inLab(async context => {
    const seed = Number(process.env.KFS_SEED ?? randomInt(2 ** 31));
    say(`seed ${seed}: KFS_SEED=${seed} brings about the same places`);
    const log = join(context.output, 'runs.log');
    const lab = new BookLab('killed', log, context.signal);
    say(`what is run prints to ${log}`);
    try {
      return await disturbed(lab, seed, context);
    } finally {
      await lab.end();
    }
  }),
};

/** The chapters that work on the machine, in the book's order. */
function chaptersOnMachine({ chapters }: Manifest): string[] {
  const slugs = chapters.filter(({ part }) => part === PART).map(({ slug }) => slug);
  return slugs.slice(slugs.indexOf(BEFORE) + 1);
}

/** `--only ceph,node`: of the places that the seed brings about, those of these chapters. */
const isAsked =
  (filter = '') =>
  ({ chapter }: Disturbance): boolean =>
    filter.split(',').some(text => chapter.includes(text));

async function disturbed(
  lab: BookLab,
  seed: number,
  { filter, signal, fits }: SuiteContext,
): Promise<Counts> {
  const manifest = await compileBook(CHECKOUT);
  const chapters = chaptersOnMachine(manifest);
  const places = chooseDisturbances(PLACES, chapters, randomFrom(seed)).filter(isAsked(filter));
  if (filter && places.length === 0) return nothingMatches(filter);
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  let late = 0;
  await expectGood(lab.begin(), 'the beginning');
  await expectGood(lab.upTo(BEFORE), 'the chapters of the workstation');
  for (const chapter of chapters) {
    const here = places.filter(place => place.chapter === chapter);
    const later = places.some(place => chapters.indexOf(place.chapter) > chapters.indexOf(chapter));
    if (here.length === 0 && !later) break;
    const isFirst = chapter === chapters[0];
    if (here.length > 0) await lab.save(SAVE);
    if (!isFirst) await lab.powerOn();
    const from = Date.now();
    const undisturbed = await lab.run(chapter);
    if (signal.aborted) return counts;
    if (undisturbed.status !== 0) {
      say(`✘ ${chapter} fails undisturbed:\n${undisturbed.output}`);
      return { ...counts, failed: counts.failed + 1 };
    }
    const print = await fingerprint(lab, manifest);
    say(`${chapter} takes ${duration(Date.now() - from)} undisturbed`);
    for (const place of here) {
      if (signal.aborted) return counts;
      if (!fits(PLACE_LIMIT_MINUTES)) {
        late++;
        continue;
      }
      const outcome = await tryPlace(lab, manifest, place, print, isFirst);
      if (!signal.aborted) counts[outcome]++;
    }
  }
  if (late > 0) say(`${late} places were not tried: they would not end in time`);
  return { ...counts, skipped: counts.skipped + late };
}

async function expectGood(ended: Promise<{ status: number; output: string }>, what: string): Promise<void> {
  const { status, output } = await ended;
  if (status !== 0) throw new Error(`${what} fails undisturbed:\n${output}`);
}

/** One place: from the saved lab, disturbed, run again, compared. Where nothing was hit it says nothing: skipped. */
async function tryPlace(
  lab: BookLab,
  manifest: Manifest,
  { chapter, way, at }: Disturbance,
  print: string[],
  diskIsEmpty: boolean,
): Promise<keyof Counts> {
  const begun = Date.now();
  const limit = AbortSignal.timeout(PLACE_LIMIT_MINUTES * 60_000);
  await lab.restore(SAVE);
  if (!diskIsEmpty) await lab.powerOn();
  const run = lab.start('run', chapter, '--destroy', 'n1');
  const cutShort = within(limit, run);
  const steps = manifest.chapters.find(({ slug }) => slug === chapter)!.steps.length;
  const over = new AbortController();
  void run.ended.finally(() => over.abort());
  await moment(run.output, at * steps, over.signal);
  const what = over.signal.aborted ? undefined : await disturb(lab, run.child, way);
  if (what && way === 'power' && !diskIsEmpty) await lab.powerOn();
  const { status, output } = await cutShort;
  const step = lastStep(output);
  const when = `after ${(at * steps).toFixed(1)} of ${steps} steps${step ? `, last seen ${step}` : ''}`;
  if (!what && !limit.aborted) {
    say(`○ ${chapter}: skipped: ${way}: nothing was there to be hit ${when}`);
    return 'skipped';
  }
  const wrong = limit.aborted ? [] : await goOn(lab, manifest, chapter, print, { diskIsEmpty, limit });
  if (limit.aborted) wrong.push(`it did not end within ${PLACE_LIMIT_MINUTES} min`);
  const sign = wrong.length === 0 ? '✔' : '✘';
  say(`${sign} ${chapter}: ${what ?? way} ${when} (status ${status}); ${duration(Date.now() - begun)}`);
  for (const line of wrong) say(`    ${line.replaceAll('\n', '\n    ')}`);
  return wrong.length === 0 ? 'passed' : 'failed';
}

/** Runs the chapter again as it was left; resolves with what is wrong then. */
async function goOn(
  lab: BookLab,
  manifest: Manifest,
  chapter: string,
  print: string[],
  { diskIsEmpty, limit }: { diskIsEmpty: boolean; limit: AbortSignal },
): Promise<string[]> {
  if (!diskIsEmpty) await lab.powerOn();
  const again = await within(limit, lab.start('run', chapter, '--destroy', 'n1'));
  return again.status === 0 ? compare(lab, manifest, chapter, print) : [again.output];
}

/** Resolves when so many steps have ended, and a part of the next one, or when the run is over. How fast steps are depends on the host. */
async function moment(output: () => string, count: number, over: AbortSignal): Promise<void> {
  while (!over.aborted && stepsIn(output()).length < Math.floor(count)) await sleep(50);
  await sleep((count % 1) * LONG_STEP_MS, undefined, { signal: over }).catch(() => {});
}

const lastStep = (output: string): string | undefined => stepsIn(output).at(-1);

/** The steps whose end has been reported. */
const stepsIn = (output: string): string[] =>
  [...output.matchAll(/^\S+ ([a-z][\w-]+) +(?:workstation|n\d)\b/gm)].map(([, step]) => step!);

/** What differs from the undisturbed run, and what does not hold. */
async function compare(
  lab: BookLab,
  manifest: Manifest,
  chapter: string,
  print: string[],
): Promise<string[]> {
  const checked = await lab.kfs('check', chapter);
  const wrong = checked.status === 0 ? [] : [checked.output];
  const status = await lab.kfs('status', chapter, '--reasons');
  if (status.status !== 0) wrong.push(status.output);
  return [...wrong, ...difference(print, await fingerprint(lab, manifest))];
}
