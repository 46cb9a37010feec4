/** The state of every cell for those who only look; also while a runner works in the same directory. */
import type { Manifest, Step } from '../book/manifest.ts';
import type { Cell } from '../events.ts';
import { readJournal } from '../journal/read-journal.ts';
import type { Plan } from '../plan/plan.ts';
import type { StatePaths } from '../state.ts';
import { Cells } from './derive.ts';
import { inputsOf } from './environment.ts';
import { History } from './history.ts';
import { Book } from './subjects.ts';

export function readCells(options: { manifest: Manifest; plan: Plan | null; paths: StatePaths }): Cell[] {
  const journal = readJournal(options.paths);
  try {
    const cells = new Cells({
      book: new Book(options.manifest, options.plan),
      history: new History(journal.events()),
      inputs: inputsOf(options.plan, options.paths),
      text: digest => journal.text(digest) as Step | undefined,
    });
    return cells.all();
  } finally {
    journal.close();
  }
}
