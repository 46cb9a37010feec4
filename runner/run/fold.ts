/** What the events of one cell say, before staleness: how it stands, what it was proven with, what it built. Pure. */
import { type CellStatus, isGood, type Outcome } from '../events.ts';
import type { Entry, RunRecord } from './history.ts';

/** What a cell was proven with. Several in a row are the versions that others were built on. */
export interface Version {
  seq: number;
  digest: string;
  inputs: Record<string, string>;
  /** The step was run, not only found to hold or accepted. */
  ran: boolean;
  /** Another text or other values than the version before it. */
  changed: boolean;
}

export interface Folded {
  /** As the last ended run left it. */
  settled: Exclude<CellStatus, 'running' | 'hands' | 'stale'>;
  reason: string;
  /** The run that goes on now. */
  current?: RunRecord;
  run?: RunRecord;
  provenAt?: number;
  durationMs?: number;
  versions: Version[];
}

export const latest = (folded: Folded): Version | undefined => folded.versions.at(-1);

/** Folds the entries that count for `identity`, in order. */
export function fold(entries: Entry[], identity: string, planned: string): Folded {
  const folded: Folded = { settled: 'todo', reason: 'not run yet', versions: [] };
  for (const entry of entries) {
    if (entry.accepted) {
      const { identity: its, digest, inputs } = entry.accepted;
      if ((its === identity || its === planned) && latest(folded))
        folded.versions.push({ seq: entry.seq, digest, inputs, ran: false, changed: false });
    } else if (entry.run.identities.has(identity) || entry.run.identities.has(planned)) {
      foldRun(folded, entry.run);
    }
  }
  return folded;
}

function foldRun(folded: Folded, run: RunRecord): void {
  const { finished } = run;
  if (finished?.outcome === 'refused') return;
  folded.run = run;
  const durationMs = durationOf(run);
  if (durationMs !== undefined) folded.durationMs = durationMs;
  if (!finished) {
    folded.current = run;
    return;
  }
  folded.current = undefined;
  if (isGood(finished.outcome)) {
    prove(folded, run, finished);
    return;
  }
  const settled = afterFailure(folded, run, finished.outcome);
  if (settled === undefined) return;
  folded.settled = settled;
  folded.reason = finished.reason;
}

/** A re-check that holds renews the proof; what it was proven with stays, so that it never clears stale. */
function prove(folded: Folded, run: RunRecord, finished: { at: number; seq: number; reason: string }): void {
  folded.settled = 'done';
  folded.provenAt = finished.at;
  folded.reason = finished.reason;
  const before = latest(folded);
  const { digest, inputs, mode } = run.started;
  if (mode === 'check' && before) return;
  const ran = run.finished?.outcome === 'done';
  const changed =
    before !== undefined && ran && (before.digest !== digest || differing(before.inputs, inputs).length > 0);
  folded.versions.push({ seq: finished.seq, digest, inputs, ran, changed });
}

/** undefined: the state stays as it was. */
function afterFailure(folded: Folded, run: RunRecord, outcome: Outcome): Folded['settled'] | undefined {
  if (outcome === 'interrupted') return run.started.mode === 'check' ? undefined : 'interrupted';
  if (outcome === 'lost') return run.started.mode === 'check' ? undefined : 'lost';
  if (run.started.mode !== 'check') return 'failed';
  // Only looked: what was never proven stays what it was, what could not be looked at too.
  if (outcome !== 'check-failed' || folded.versions.length === 0) return undefined;
  return folded.settled === 'failed' ? undefined : 'drifted';
}

function durationOf(run: RunRecord): number | undefined {
  const [waiting, done] = [
    run.hands.find(each => each.state === 'waiting'),
    run.hands.find(each => each.state === 'done'),
  ];
  if (waiting && done) return done.at - waiting.at;
  return run.exited?.durationMs;
}

/**
 * Where the runner keeps its things says nothing about what a step builds: a state directory that was moved or
 * restored elsewhere brings all of it along.
 */
const PLACES = new Set(['KFS_HOME', 'KFS_STATE', 'KFS_PKI', 'KFS_PLAN', 'KFS_SSH_CONFIG', 'KFS_BOOK']);

/** Names whose values differ, of those that `now` has. */
export function differing(before: Record<string, string>, now: Record<string, string>): string[] {
  return Object.keys(now).filter(name => !PLACES.has(name) && before[name] !== now[name]);
}
