/** `content/cis.yaml`: the benchmark's controls, the steps that meet them, and the commands that show it. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { KfsError } from '../errors.ts';
import { ROLES } from '../plan/plan.ts';

const words = z.string().trim().min(1);

const controlSchema = z.strictObject({
  /** The benchmark's number. */
  id: z.string().regex(/^\d+(\.\d+){1,2}$/),
  /** What it asks for, in our words. */
  asks: words,
  /** Where its command runs. */
  on: z.enum(['workstation', ...ROLES]),
  /** Steps of the book that meet it. */
  steps: z.array(words).min(1),
  /** How its intent is met where the benchmark's wording does not fit. */
  instead: words.optional(),
  /** Why it is not met: an argument, and not a word. */
  exception: words.min(80).optional(),
  /** The command; it succeeds when what it shows is so. */
  show: words,
});

const schema = z.strictObject({
  benchmark: z.strictObject({
    version: words,
    covers: words,
    source: z.strictObject({ what: words, url: z.url() }),
  }),
  /** Shell functions that every command may use. */
  functions: words,
  sections: z.array(z.strictObject({ id: words, title: words, controls: z.array(controlSchema).min(1) })),
});

export type Benchmark = z.infer<typeof schema>;
export type Control = z.infer<typeof controlSchema>;

/** The benchmark of the book in this folder; undefined when it has none. */
export function readBenchmark(book: string): Benchmark | undefined {
  const file = join(book, 'content', 'cis.yaml');
  if (!existsSync(file)) return undefined;
  const { data, error } = schema.safeParse(parse(readFileSync(file, 'utf8')));
  if (data) return data;
  throw new KfsError('book-invalid', `${file}: ${z.prettifyError(error)}`, { next: 'correct the file' });
}

/** What is run for a control: the functions, then its command. */
export const scriptOf = (benchmark: Benchmark, control: Control): string =>
  `${benchmark.functions}\n${control.show}\n`;

/** The controls that are named, by their numbers or by those of sections; all, if none is. */
export function choose(benchmark: Benchmark, names: string[]): Control[] {
  const all = benchmark.sections.flatMap(({ controls }) => controls);
  for (const name of names) {
    if (all.some(({ id }) => isOf(id, name))) continue;
    throw new KfsError('usage', `the benchmark has no control ${name}`, {
      next: 'name a control, such as 1.2.15, or a section, such as 1.2',
    });
  }
  return names.length === 0 ? all : all.filter(({ id }) => names.some(name => isOf(id, name)));
}

const isOf = (id: string, name: string): boolean => id === name || id.startsWith(`${name}.`);
