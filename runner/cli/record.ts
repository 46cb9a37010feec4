/** `kfs record accept FILE`: makes a recorded run the one that the pages show. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { KfsError } from '../errors.ts';
import { type Globals, globals } from './context.ts';
import { describeHost, type RunRecord, recordOfJournal, recordSchema } from './record-file.ts';

const HELP = `
A record says what each step took and printed, on which kind of host, bound to the step's digest:

  kfs run --record /tmp/record.json       run, and write the record
  kfs record write /tmp/record.json       the record of what ran before, from the journal
  kfs record accept /tmp/record.json      show it in the pages (content/record.json; commit it)
  kfs record unit                         the time of one etcd build here, in which the book counts

Steps that the file does not name keep their older record; what the book no longer has is dropped.`;

export function register(program: Command): void {
  const record = program
    .command('record')
    .description('the recorded run that the pages show beside each step');
  record
    .command('write')
    .description('write the record of what ran before: of each step its newest run, from the journal')
    .argument('<file>', 'where to')
    .action(async (file: string, _flags: unknown, command: Command) => {
      await write(file, globals(command));
    });
  record
    .command('accept')
    .description('make FILE the record that the pages show')
    .argument('<file>', 'written by kfs run --record')
    .addHelpText('after', HELP)
    .action(async (file: string, _flags: unknown, command: Command) => {
      await accept(file, globals(command).book);
    });
  record
    .command('unit')
    .description('measure a build of etcd on this host, the unit of the page "Times and sizes"')
    .action(async (_flags: unknown, command: Command) => measureUnit(globals(command).book));
}

async function write(file: string, context: Globals): Promise<void> {
  const [{ openRunner }, { readJournal }] = await Promise.all([
    import('./open.ts'),
    import('../journal/read-journal.ts'),
  ]);
  const journal = readJournal(context.paths);
  const events = [...journal.events()].map(({ event }) => event);
  journal.close();
  const runner = await openRunner(context);
  try {
    const record = recordOfJournal(runner, events);
    writeFileSync(file, `${JSON.stringify(record, null, 1)}\n`);
    process.stdout.write(`${Object.keys(record.steps).length} steps written to ${file}\n`);
  } finally {
    await runner.close();
  }
}

async function accept(file: string, book: string): Promise<void> {
  const target = join(book, 'content', 'record.json');
  const { compileBook } = await import('../book/compile.ts');
  const manifest = await compileBook(book);
  const fresh = readRecord(file);
  const older = tryRead(target);
  const steps: RunRecord['steps'] = {};
  let taken = 0;
  for (const step of manifest.steps) {
    const isTaken = fresh.steps[step.id]?.digest === step.digest;
    const entry = entryOf(isTaken ? fresh : older, step.id);
    if (entry) steps[step.id] = entry;
    if (isTaken) taken++;
  }
  const { unit } = older ?? {};
  writeRecord(target, { ...fresh, ...(unit ? { unit } : {}), steps });
  process.stdout.write(`${taken} of ${manifest.steps.length} steps recorded in ${target}\n`);
}

/** With its own date and host: those of the file's head become another run's. */
function entryOf(record: RunRecord | undefined, step: string): RunRecord['steps'][string] | undefined {
  const entry = record?.steps[step];
  return entry && { recordedAt: record.recordedAt, host: record.host, ...entry };
}

/** From the compiler's cache of nothing, so that it is the same work each time; the modules are there already. */
async function measureUnit(book: string): Promise<void> {
  const target = join(book, 'content', 'record.json');
  const older = readRecord(target);
  const { etcdBuildTime } = await import('../../software/etcd-time.ts');
  const ms = await etcdBuildTime();
  writeRecord(target, { ...older, unit: { ms, host: describeHost() } });
  process.stdout.write(`one etcd build took ${(ms / 1000).toFixed(1)} s; written to ${target}\n`);
}

const writeRecord = (file: string, { steps, ...head }: RunRecord): void =>
  writeFileSync(file, `${JSON.stringify({ ...head, steps }, null, 1)}\n`);

function readRecord(file: string): RunRecord {
  try {
    return recordSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    const next = 'give a file written by kfs run --record';
    throw new KfsError('usage', `${file} is not the record of a run`, { cause, next });
  }
}

function tryRead(file: string): RunRecord | undefined {
  try {
    return readRecord(file);
  } catch {
    return undefined;
  }
}
