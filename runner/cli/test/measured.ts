/** What the book has measured in a run, from the record of that run: a suite prints it. */
import { existsSync, readFileSync } from 'node:fs';
import { recordSchema } from '../record-file.ts';

/** Steps of the chapter Proof whose output is measurements: how fast a pod is ready, and who has the memory. */
const MEASURING = ['proof-speed', 'proof-memory'];

/** The recorded output of these steps under their names; empty where the record is missing or has none of them. */
export function measuredIn(record: string): string {
  if (!existsSync(record)) return '';
  const { steps } = recordSchema.parse(JSON.parse(readFileSync(record, 'utf8')));
  return MEASURING.filter(id => steps[id]?.output)
    .map(id => `\n${id}\n${steps[id]!.output!.trimEnd().replace(/^/gm, '    ')}\n`)
    .join('');
}
