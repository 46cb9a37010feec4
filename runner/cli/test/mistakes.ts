/** Slow: mistakes that readers make, each brought about on a lab machine; the chapter's own table must lead out of it. */
import { join } from 'node:path';
import { duration } from '../../duration.ts';
import { BookLab, type Ended, inLab } from './book-lab.ts';
import { MISTAKES } from './mistakes/all.ts';
import { type Mistake, tryMistake } from './mistakes/mistake.ts';
import { type Counts, nothingMatches, type Suite, type SuiteContext } from './suite.ts';

const say = (text: string): void => void process.stdout.write(`${text}\n`);

export const mistakesSuite: Suite = {
  name: 'mistakes',
  full: true,
  minutes: 35,
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
    const lab = new BookLab('mistakes', log, context.signal);
    say(`what is run prints to ${log}`);
    try {
      return await all(lab, chosen, context);
    } finally {
      await lab.end();
    }
  };

/** From chapter to chapter: mistakes are made when the lab has come to the end of one. */
async function all(lab: BookLab, chosen: Mistake[], { signal }: SuiteContext): Promise<Counts> {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  const place = ({ chapter, after = chapter }: Mistake): string => after;
  const chapters = [...new Set(chosen.map(place))];
  orThrow(await lab.begin());
  for (const [index, chapter] of chapters.entries()) {
    const begun = Date.now();
    orThrow(await lab.upTo(chapter, chapters[index - 1]));
    say(`the book up to ${chapter}: ${duration(Date.now() - begun)}`);
    for (const mistake of chosen.filter(one => place(one) === chapter)) {
      const isRight = await holds(lab, mistake, signal);
      if (signal.aborted) return counts;
      counts[isRight ? 'passed' : 'failed']++;
    }
  }
  return counts;
}

function orThrow({ status, output }: Ended): void {
  if (status !== 0) throw new Error(`the book fails before a mistake is made:\n${output}`);
}

async function holds(lab: BookLab, mistake: Mistake, signal: AbortSignal): Promise<boolean> {
  const from = Date.now();
  const wrong = await tryMistake(lab, mistake).catch((error: Error) => [error.message]);
  if (signal.aborted) return false; // says nothing about the mistake
  const isRight = wrong.length === 0;
  say(`${isRight ? '✔' : '✘'} ${mistake.title}: \`${mistake.row}\`  ${duration(Date.now() - from)}`);
  for (const line of wrong) say(`    ${line.trimEnd().replaceAll('\n', '\n    ')}`);
  return isRight;
}
