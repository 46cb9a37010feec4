/** A mistake that readers make: brought about, seen, found in the chapter's own table, mended. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { BookLab, Ended } from '../book-lab.ts';
import { type Act, act, doAsPrinted } from './act.ts';
import { deedsOf } from './deeds.ts';
import { patternOf, todoOf } from './table.ts';

/** For so long what was mended may take to come back. */
const PATIENCE_MS = 2 * 60_000;
const PAUSE_MS = 3000;

export interface Mistake {
  /** What somebody has done, in a sentence. */
  title: string;
  /** Slug of the chapter whose table leads to the cure. */
  chapter: string;
  /** Slug of the chapter at whose end it is made; default: that one. */
  after?: string;
  make?: Act;
  /** Arguments of `kfs`, which must fail: a step, the check of one, or the command itself. `STATE` is the state directory. */
  try: string[];
  /** Where the table, or the message, sends the reader to look. */
  ask?: Act;
  /** What is seen, as the table's first column has it, an ellipsis where it varies. */
  row: string;
  /** What mends it. `row`: every command and section that the row names, as it is printed there, and nothing else. */
  cure?: Act | 'row';
  /** What the row asks of a person in words only; done before what it prints. */
  hands?: Act;
  /** Takes away what the test itself has left, at the end. */
  tidy?: Act;
  /** Arguments of `kfs` that must succeed after that; default: those of `try`. */
  holds?: string[];
}

/** What is wrong with it; empty when all is as it should be. */
export async function tryMistake(lab: BookLab, mistake: Mistake): Promise<string[]> {
  const { chapter, row, make, try: tried, ask, tidy, holds = tried } = mistake;
  const kfs = (args: string[]) => lab.kfs(...args.map(word => word.replace(/^STATE\b/, lab.state)));
  const wrong: string[] = [];
  const todo = todoOf(chapter, row);
  if (!todo) wrong.push(`the table of ${chapter} has no row \`${row}\` with a cure`);
  try {
    if (make) await act(lab, make);
    const failed = await kfs(tried);
    if (failed.status === 0) wrong.push('it does not fail');
    const seen = failed.output + (ask ? await act(lab, ask) : '');
    if (!patternOf(row).test(seen)) wrong.push(`\`${row}\` is not seen in:\n${seen}`);
  } finally {
    wrong.push(...(await mend(lab, mistake, todo)));
  }
  const mended = await soon(() => kfs(holds));
  if (mended.status !== 0) wrong.push(`the cure does not help:\n${mended.output}`);
  if (tidy) await act(lab, tidy);
  return wrong;
}

async function mend(lab: BookLab, { chapter, row, cure, hands }: Mistake, todo = ''): Promise<string[]> {
  if (hands) await act(lab, hands);
  if (cure !== 'row') {
    if (cure) await act(lab, cure);
    return [];
  }
  const deeds = deedsOf(todo);
  const wrong: string[] = deeds.length === 0 ? [`the row \`${row}\` says nothing that can be run`] : [];
  for (const deed of deeds) {
    const fault = await doAsPrinted(lab, chapter, deed);
    if (fault) wrong.push(fault);
  }
  return wrong;
}

/** Asks until it is well or the time is over. */
async function soon(ask: () => Promise<Ended>): Promise<Ended> {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const ended = await ask();
    if (ended.status === 0 || Date.now() > end) return ended;
    await sleep(PAUSE_MS);
  }
}
