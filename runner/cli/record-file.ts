/**
 * The record of a run: what each step took and printed, bound to its digest. A run writes it outside what is
 * committed; `kfs record accept` makes it content/record.json, which the pages show beside each step.
 */
import { arch, cpus, homedir, totalmem } from 'node:os';
import { stripVTControlCharacters } from 'node:util';
import { z } from 'zod';
import type { JournalEvent, RunEvent, RunStarted } from '../events.ts';
import type { Runner } from '../run/runner.ts';

export const recordSchema = z.object({
  format: z.literal(1),
  /** When it was written, or accepted from: ISO 8601, UTC. */
  recordedAt: z.string(),
  /** What it ran on, in words: no names. */
  host: z.string(),
  /** `KFS_VERSION_…` of the plan, of the run that was accepted last. */
  versions: z.record(z.string(), z.string()).optional(),
  /** How long one build of etcd takes from nothing, and on which kind of host: the unit of "Times and sizes". */
  unit: z.object({ ms: z.number(), host: z.string() }).optional(),
  steps: z.record(
    z.string(),
    z.object({
      digest: z.string(),
      durationMs: z.number(),
      subject: z.string(),
      /** When this step ended and on what, as above: a record may be of several runs. The head's where they are missing. */
      recordedAt: z.string().optional(),
      host: z.string().optional(),
      /** The end of what it printed, at most 4 KiB, without terminal control sequences. */
      output: z.string().optional(),
    }),
  ),
});
export type RunRecord = z.infer<typeof recordSchema>;

const OUTPUT_LIMIT = 4096;

/** Collects the record while a run goes on. Only what really ran and held is recorded; the first subject counts. */
export function buildRecord(runner: Runner): { event(event: RunEvent): void; end(): RunRecord } {
  const started = new Map<string, RunStarted>();
  const durations = new Map<string, number>();
  const steps: RunRecord['steps'] = {};
  const host = describeHost();
  let versions: Record<string, string> = {};
  return {
    event(event) {
      if (event.type === 'run.started') started.set(event.run, event);
      if (event.type === 'run.exited') durations.set(event.run, event.durationMs);
      if (event.type !== 'run.finished' || event.outcome !== 'done') return;
      const run = started.get(event.run);
      if (!run || steps[run.step]) return;
      const environment = runner.environment(run.step, run.subject);
      const output = withoutPaths(endOfOutput(runner, event.run), environment);
      versions = versionsIn(environment);
      steps[run.step] = {
        digest: run.digest,
        durationMs: Math.round(durations.get(event.run) ?? event.at - run.at),
        subject: run.subject,
        recordedAt: new Date(event.at).toISOString(),
        host,
        ...(output ? { output } : {}),
      };
    },
    end: () => ({ format: 1, recordedAt: new Date().toISOString(), host, versions, steps }),
  };
}

const versionsIn = (environment: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => name.startsWith('KFS_VERSION_')));

/**
 * The record of what the journal has: of each step the newest run that held with the text that the step has now. So
 * a run that was stopped and gone on with, or a chapter that was run again alone, leaves one record of the whole.
 */
export function recordOfJournal(runner: Runner, events: JournalEvent[]): RunRecord {
  const current = new Map(runner.manifest().steps.map(step => [step.id, step.digest]));
  const byRun = new Map<string, JournalEvent[]>();
  for (const event of events)
    if ('run' in event) byRun.set(event.run, [...(byRun.get(event.run) ?? []), event]);
  const runs = [...byRun.values()].filter(of =>
    of.some(event => event.type === 'run.started' && current.get(event.step) === event.digest),
  );
  const record = buildRecord(runner);
  for (const of of runs.reverse()) for (const event of of) record.event(event);
  return record.end();
}

/** Variables whose values are folders of the recording workstation, which nobody else has. */
const FOLDERS = ['KFS_HOME', 'KFS_PKI', 'KFS_PLAN', 'KFS_SSH_CONFIG', 'KFS_STATE', 'KFS_BOOK'];

/** Folders of this workstation as the variables that name them, and its user's own as `~`. */
export function withoutPaths(text: string, environment: Record<string, string>): string {
  const names = FOLDERS.filter(name => environment[name]);
  const pairs = names.map(name => [environment[name]!, `$${name}`] as const);
  return [...pairs, [homedir(), '~'] as const]
    .sort(([a], [b]) => b.length - a.length)
    .reduce((result, [path, name]) => result.replaceAll(path, () => name), text);
}

function endOfOutput(runner: Runner, run: string): string {
  const { total } = runner.transcript(run, 0, 0);
  const { bytes } = runner.transcript(run, Math.max(0, total - OUTPUT_LIMIT));
  const text = stripVTControlCharacters(Buffer.from(bytes).toString('utf8')).replaceAll('\r\n', '\n');
  return total > OUTPUT_LIMIT ? `…${text.slice(text.indexOf('\n'))}` : text;
}

export const describeHost = (): string =>
  `${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${arch()}`;
