/** `kfs status`: the matrix of steps by machines, from the journal. */
import type { Command } from 'commander';
import type { Manifest } from '../book/manifest.ts';
import type { Cell, CellStatus } from '../events.ts';
import { readCells } from '../run/read-cells.ts';
import { globals, paint } from './context.ts';
import { assertKnown, planOrNull } from './open.ts';

const SIGN: Record<CellStatus, string> = {
  todo: paint('dim', '·'),
  running: paint('cyan', '▶'),
  done: paint('green', '✔'),
  failed: paint('red', '✘'),
  stale: paint('yellow', '≠'),
  drifted: paint('yellow', '~'),
  lost: paint('yellow', '…'),
  interrupted: paint('yellow', '↯'),
  hands: paint('yellow', '⌛'),
};

const LEGEND =
  '· todo  ▶ running  ✔ done  ✘ failed  ≠ stale  ~ drifted  … lost  ↯ interrupted  ⌛ waiting for a person';

export function register(program: Command): void {
  program
    .command('status')
    .description('what is proven where: steps by machines')
    .argument('[what...]', 'steps, chapters or parts; nothing is the whole book')
    .option('--reasons', 'one line a cell, with the reason')
    .addHelpText('after', `\n${LEGEND}\n\nExit code 0 when everything shown is done, 1 otherwise.`)
    .action(async (what: string[], flags: { reasons?: boolean }, command: Command) => {
      const context = globals(command);
      const { compileBook } = await import('../book/compile.ts');
      const manifest = await compileBook(context.book);
      assertKnown(manifest, what);
      const cells = select(
        manifest,
        readCells({ manifest, plan: planOrNull(context), paths: context.paths }),
        what,
      );
      if (context.json) process.stdout.write(`${JSON.stringify(cells, null, 2)}\n`);
      else if (flags.reasons) printReasons(cells);
      else printMatrix(manifest, cells);
      process.exitCode = cells.every(cell => cell.status === 'done') ? 0 : 1;
    });
}

/** Cells of the named steps, chapters or parts. */
export function select(manifest: Manifest, cells: Cell[], what: string[]): Cell[] {
  if (what.length === 0) return cells;
  const chapterOf = new Map(manifest.steps.map(step => [step.id, step.chapter]));
  return cells.filter(cell => {
    const chapter = chapterOf.get(cell.step) ?? '';
    return what.includes(cell.step) || what.includes(chapter) || what.includes(chapter.split('/')[0] ?? '');
  });
}

function printMatrix(manifest: Manifest, cells: Cell[]): void {
  const subjects = [...new Set(cells.map(cell => cell.subject))];
  const byKey = new Map(cells.map(cell => [`${cell.step}@${cell.subject}`, cell]));
  const ids = new Set(cells.map(cell => cell.step));
  const width = Math.max(...[...ids].map(id => id.length), 4) + 2;
  for (const chapter of manifest.chapters) {
    const steps = chapter.steps.filter(id => ids.has(id));
    if (steps.length === 0) continue;
    const mine = cells.filter(cell => steps.includes(cell.step));
    const done = mine.filter(cell => cell.status === 'done').length;
    process.stdout.write(
      `\n${paint('bold', `${chapter.number} ${chapter.title}`.trim())}  ${done}/${mine.length}\n`,
    );
    process.stdout.write(
      paint('dim', `  ${''.padEnd(width)}${subjects.map(name => name.padEnd(12)).join('')}\n`),
    );
    for (const step of steps) {
      const row = subjects.map(subject => signOf(byKey.get(`${step}@${subject}`)));
      process.stdout.write(`  ${step.padEnd(width)}${row.join('')}\n`);
    }
  }
  process.stdout.write(`\n${paint('dim', LEGEND)}\n`);
}

const signOf = (cell: Cell | undefined): string => `${cell ? SIGN[cell.status] : ' '}${' '.repeat(11)}`;

function printReasons(cells: Cell[]): void {
  for (const cell of cells) {
    process.stdout.write(
      `${SIGN[cell.status]} ${cell.step} ${paint('cyan', cell.subject)}  ${cell.status}: ${cell.reason}\n`,
    );
  }
}
