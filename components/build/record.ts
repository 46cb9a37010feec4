/** `content/record.json`: what each step took and printed when the book was last run, bound to its digest. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StepRecord } from './words.ts';

/** By step id; empty for a book that has no record. A file that is no record stops the build. */
export function readRecord(book: string): Record<string, StepRecord> {
  const file = join(book, 'content', 'record.json');
  if (!existsSync(file)) return {};
  const record = JSON.parse(readFileSync(file, 'utf8')) as {
    format?: number;
    steps?: Record<string, StepRecord>;
  };
  if (record.format !== 1 || !record.steps)
    throw new Error(`${file}:1:1: this is not a record of format 1; make it with \`kfs record accept\``);
  return record.steps;
}
