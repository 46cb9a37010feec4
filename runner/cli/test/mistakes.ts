/** Slow: mistakes that readers make, each brought about on a lab machine; the chapter's own table must lead out of it. */
import { join } from 'node:path';
import { duration } from '../../duration.ts';
import { BookLab, inLab } from './book-lab.ts';
import { ETCD } from './mistakes/etcd.ts';
import { MACHINE } from './mistakes/machine.ts';
import { type Mistake, tryMistake } from './mistakes/mistake.ts';
import { PLAN } from './mistakes/plan.ts';
import { type Counts, nothingMatches, type Suite, type SuiteContext } from './suite.ts';

/** In the order of the book: the lab is run up to the chapter of the first, and on from there. */
const MISTAKES: Mistake[] = [...PLAN, ...MACHINE, ...ETCD];

const say = (text: string): void => void process.stdout.write(`${text}\n`);

export const mistakesSuite: Suite = {
  name: 'mistakes',
  full: true,
  minutes: 10,
  about: 'what readers do wrong gives a message, and the table "What can go wrong" has the cure',
  run: async context => {
    const chosen = MISTAKES.filter(isAsked(context.filter));
    return chosen.length > 0 ? inLab(run(chosen))(context) : nothingMatches(context.filter ?? '');
  },
};

/** `--only etcd`: of the chapter, or with this in the title. */
const isAsked =
  (filter = '') =>
  ({ chapter, title }: Mistake): boolean =>
    chapter.includes(filter) || title.includes(filter);

const run =
  (chosen: Mistake[]): Suite['run'] =>
  async context => {
    const log = join(context.output, 'runs.log');
    const lab = new BookLab('mistakes', log);
    say(`what is run prints to ${log}`);
    try {
      return await all(lab, chosen, context);
    } finally {
      await lab.end();
    }
  };

async function all(lab: BookLab, chosen: Mistake[], { signal }: SuiteContext): Promise<Counts> {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  const upTo = chosen.at(-1)!.chapter;
  const begun = Date.now();
  for (const ended of [await lab.begin(), await lab.upTo(upTo)])
    if (ended.status !== 0) throw new Error(`the book fails before any mistake is made:\n${ended.output}`);
  say(`the book up to ${upTo}: ${duration(Date.now() - begun)}`);
  for (const mistake of chosen) {
    if (signal.aborted) break;
    const from = Date.now();
    const wrong = await tryMistake(lab, mistake).catch((error: Error) => [error.message]);
    say(
      `${wrong.length === 0 ? '✔' : '✘'} ${mistake.title}: \`${mistake.row}\`  ${duration(Date.now() - from)}`,
    );
    for (const line of wrong) say(`    ${line.trimEnd().replaceAll('\n', '\n    ')}`);
    if (wrong.length === 0) counts.passed++;
    else counts.failed++;
  }
  return counts;
}
