/** "Times and sizes": what the recorded run took, by chapter and by step, in seconds and in builds of etcd. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest } from '../../runner/book/manifest.ts';
import { type RunRecord, recordSchema } from '../../runner/cli/record-file.ts';
import { placeOf, type StepPlace } from './written-files.ts';

export interface ChapterTime {
  slug: string;
  number: string;
  title: string;
  /** Steps in the record, of the text as it is now, and all that the chapter has. */
  recorded: number;
  steps: number;
  ms: number;
}

export interface StepTime extends StepPlace {
  ms: number;
}

export interface Times {
  /** Kinds of host on which the steps ran. */
  hosts: string[];
  /** Days on which the first and the last of them ran: `2026-01-31`. */
  days: { first: string; last: string };
  unit: RunRecord['unit'];
  chapters: ChapterTime[];
  total: number;
  longest: StepTime[];
  /** What steps printed, by step. */
  outputs: Record<string, string>;
}

/** Steps of an older text do not count: their time is of something else. */
export function timesOf(
  { steps, chapters }: Pick<Manifest, 'steps' | 'chapters'>,
  record: RunRecord,
  longest = 12,
): Times {
  const current = steps.filter(step => record.steps[step.id]?.digest === step.digest);
  const msOf = (id: string): number => record.steps[id]?.durationMs ?? 0;
  const rows = chapters
    .filter(chapter => chapter.steps.length > 0)
    .map(({ slug, number, title, steps: ids }) => {
      const mine = current.filter(step => step.chapter === slug);
      const ms = mine.reduce((sum, { id }) => sum + msOf(id), 0);
      return { slug, number, title, recorded: mine.length, steps: ids.length, ms };
    });
  const entries = current.map(({ id }) => record.steps[id]!);
  const days = entries.map(({ recordedAt = record.recordedAt }) => recordedAt.slice(0, 10)).sort();
  const newest = record.recordedAt.slice(0, 10);
  return {
    hosts: [...new Set(entries.map(({ host = record.host }) => host))],
    days: { first: days[0] ?? newest, last: days.at(-1) ?? newest },
    unit: record.unit,
    chapters: rows,
    total: rows.reduce((sum, { ms }) => sum + ms, 0),
    longest: current
      .map(step => ({ ...placeOf(step, chapters), ms: msOf(step.id) }))
      .sort((a, b) => b.ms - a.ms)
      .slice(0, longest),
    outputs: Object.fromEntries(current.map(({ id }) => [id, record.steps[id]?.output ?? ''])),
  };
}

/** The record of the book in this folder; undefined when it has none. */
export function readTimes(book: string, manifest: Manifest): Times | undefined {
  const file = join(book, 'content', 'record.json');
  if (!existsSync(file)) return undefined;
  return timesOf(manifest, recordSchema.parse(JSON.parse(readFileSync(file, 'utf8'))));
}

/** `2.1`, `0.04`: how many builds of etcd; two digits that say something. */
export const inUnits = (ms: number, unit: number): string => {
  const value = ms / unit;
  return value >= 9.95 ? value.toFixed(0) : value >= 0.995 ? value.toFixed(1) : value.toFixed(2);
};
