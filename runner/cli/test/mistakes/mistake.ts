/** A mistake that readers make: brought about, seen, found in the chapter's own table, mended. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { CHECKOUT } from '../../context.ts';
import type { BookLab } from '../book-lab.ts';
import { patternOf, rowOf } from './table.ts';

const run = promisify(execFile);
const MOST_BYTES = 64 * 2 ** 20;

/** Something that is done: as root on the machine, or on the workstation, in the state directory. */
export type Act = { machine: string } | { workstation: string };

export interface Mistake {
  /** What somebody has done, in a sentence. */
  title: string;
  /** Slug of the chapter whose table leads to the cure. */
  chapter: string;
  make?: Act;
  /** Arguments of `kfs`, which must fail: a step, the check of one, or the command itself. `STATE` is the state directory. */
  try: string[];
  /** Where the table, or the message, sends the reader to look. */
  ask?: Act;
  /** What is seen, as the table's first column has it, an ellipsis where it varies. */
  row: string;
  cure?: Act;
  /** Arguments of `kfs` that must succeed after that; default: those of `try`. */
  holds?: string[];
}

/** What is wrong with it; empty when all is as it should be. */
export async function tryMistake(lab: BookLab, mistake: Mistake): Promise<string[]> {
  const { chapter, row, make, try: tried, ask, cure, holds = tried } = mistake;
  const kfs = (args: string[]) => lab.kfs(...args.map(word => word.replace(/^STATE\b/, lab.state)));
  const wrong: string[] = [];
  if (!rowOf(chapter, row)) wrong.push(`the table of ${chapter} has no row \`${row}\` with a cure`);
  try {
    if (make) await act(lab, make);
    const failed = await kfs(tried);
    if (failed.status === 0) wrong.push('it does not fail');
    const seen = failed.output + (ask ? await act(lab, ask) : '');
    if (!patternOf(row).test(seen)) wrong.push(`\`${row}\` is not seen in:\n${seen}`);
  } finally {
    if (cure) await act(lab, cure);
  }
  const mended = await kfs(holds);
  if (mended.status !== 0) wrong.push(`the cure does not help:\n${mended.output}`);
  return wrong;
}

/** Returns what it has printed. The plan may be what is wrong, so no variable is asked of it. */
async function act(lab: BookLab, what: Act): Promise<string> {
  if ('machine' in what) return lab.root(what.machine);
  const { root, plan, sshConfig } = lab.paths;
  const environment = {
    ...process.env,
    ...{ KFS_STATE: root, KFS_PLAN: plan, KFS_SSH_CONFIG: sshConfig, KFS_BOOK: CHECKOUT },
    PATH: `${CHECKOUT}:${process.env.PATH}`,
  };
  const done = run('bash', ['-euo', 'pipefail', '-s'], {
    cwd: root,
    env: environment,
    maxBuffer: MOST_BYTES,
  });
  done.child.stdin?.end(`${what.workstation}\n`);
  const { stdout, stderr } = await done;
  return stdout + stderr;
}
