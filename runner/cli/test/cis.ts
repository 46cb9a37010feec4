/** The CIS benchmark on the cluster that the book has made: each control on each of its machines is a test. */
import { statePaths } from '../../state.ts';
import { showBenchmark } from '../cis.ts';
import { CHECKOUT } from '../context.ts';
import type { Counts } from './suite.ts';

export async function countControls(state: string): Promise<Counts> {
  process.stdout.write('\n$ kfs cis\n');
  const context = { book: CHECKOUT, paths: statePaths(state), json: false };
  const shown = await showBenchmark(context, [], false);
  const failed = shown.filter(({ holds }) => !holds).length;
  return { passed: shown.length - failed, failed, skipped: 0 };
}
