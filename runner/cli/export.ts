/** `kfs export`: a chapter as one script a machine, for a person with no runner. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import type { Chapter, Manifest, Step } from '../book/manifest.ts';
import { KfsError } from '../errors.ts';
import { environmentFor } from '../plan/environment.ts';
import { loadPlanIfAny } from '../plan/load.ts';
import { subjectsOfStep } from '../run/subjects.ts';
import { CHECKOUT, type Globals, globals } from './context.ts';
import { exportChapter } from './export/script.ts';

const HELP = `
Each script stands for itself: it holds the steps of the chapter for that machine as they stand in the book, and the
values of the plan. It prints each heading, leaves alone what holds already, stops at the first failure, asks before
it destroys, and waits where another machine or a person comes first. Copy it to its machine and run it with bash.

  kfs export                               every chapter, into .kfs/export
  kfs export one-machine/etcd --out etcd   one chapter, into etcd/one-machine-etcd/MACHINE.sh`;

export function register(program: Command): void {
  program
    .command('export')
    .description('write a chapter as one script per machine, to run without the runner')
    .argument('[chapter]', 'a chapter, like one-machine/etcd; nothing is all of them')
    .option('--out <dir>', 'where to write them (default: export in the state directory)')
    .addHelpText('after', HELP)
    .action(async (chapter: string | undefined, flags: { out?: string }, command: Command) => {
      const all = globals(command);
      await exportBook(chapter, resolve(flags.out ?? join(all.paths.root, 'export')), all);
    });
}

async function exportBook(
  wanted: string | undefined,
  out: string,
  { book, paths, json }: Globals,
): Promise<void> {
  const { compileBook } = await import('../book/compile.ts');
  const manifest = await compileBook(book);
  const plan = loadPlanIfAny(paths.plan);
  const source = {
    steps: manifest.steps,
    subjectsOf: (step: Step): string[] => subjectsOfStep(step, plan),
    environment: ({ on }: { on: string }, subject: string) =>
      environmentFor(plan, paths, subject, {
        checkout: CHECKOUT,
        on: on === 'workstation' ? 'workstation' : 'machine',
      }),
  };
  const written: string[] = [];
  for (const chapter of chaptersOf(manifest, wanted))
    for (const [host, script] of exportChapter({ chapter, ...source })) {
      const file = join(out, chapter.slug.replaceAll('/', '-'), `${host}.sh`);
      await mkdir(join(file, '..'), { recursive: true });
      await writeFile(file, script, { mode: 0o755 });
      written.push(file);
    }
  report(written, plan !== null, json);
}

function chaptersOf(manifest: Manifest, wanted: string | undefined): Chapter[] {
  if (wanted === undefined) return manifest.chapters;
  const slug = wanted.replace(/^\/|\/$/g, '');
  const found = manifest.chapters.find(one => one.slug === slug || one.slug.split('/').at(-1) === slug);
  if (found) return [found];
  const next = `chapters are ${manifest.chapters.map(one => one.slug).join(', ')}`;
  throw new KfsError('usage', `the book has no chapter ${wanted}`, { next });
}

function report(files: string[], hasPlan: boolean, json: boolean): void {
  if (json) {
    process.stdout.write(`${JSON.stringify({ files })}\n`);
    return;
  }
  for (const file of files) process.stdout.write(`${relative(process.cwd(), file)}\n`);
  if (files.length === 0) process.stderr.write('kfs export: there is no step for any machine in it\n');
  if (!hasPlan)
    process.stderr.write('kfs export: there is no plan, so only the workstation has steps (kfs plan init)\n');
}
