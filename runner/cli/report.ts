/** Progress of a headless run: one sink for the terminal, one for programs. */
import type { Manifest, Step } from '../book/manifest.ts';
import { duration } from '../duration.ts';
import { isGood, type Outcome, type RunEvent, type RunFinished, type RunStarted } from '../events.ts';
import type { RunResult } from '../run/runner.ts';
import { type ChapterTime, chapterTimes } from './chapter-times.ts';
import { paint } from './context.ts';
import { TailBuffer } from './tail-buffer.ts';

export interface Reporter {
  event(event: RunEvent): void;
  end(results: RunResult[]): void;
}

const MARK: Record<Outcome, string> = {
  proven: paint('green', '✓'),
  done: paint('green', '✔'),
  failed: paint('red', '✘'),
  'check-failed': paint('red', '✘'),
  timeout: paint('red', '⧖'),
  stopped: paint('yellow', '■'),
  interrupted: paint('yellow', '↯'),
  lost: paint('yellow', '…'),
  refused: paint('red', '⊘'),
};

/** Columns of the name of a machine, or `workstation`. */
const SUBJECT_WIDTH = 11;

interface Live {
  started: RunStarted;
  tail: TailBuffer;
  check: string;
}

/** One line a run; the output of what fails, or of everything when `verbose`. */
export function terminalReporter(manifest: Manifest, verbose: boolean): Reporter {
  const live = new Map<string, Live>();
  const steps = new Map(manifest.steps.map(step => [step.id, step]));
  const width = Math.max(10, ...manifest.steps.map(step => step.id.length));
  const printed = new Set<string>();
  const times = chapterTimes(manifest);
  let chapter = '';
  return {
    event(event) {
      times.event(event);
      if (event.type === 'run.started') {
        chapter = printChapter(manifest, steps.get(event.step), chapter);
        live.set(event.run, { started: event, tail: new TailBuffer(64 * 1024), check: '' });
        showRunning(live);
      } else if (event.type === 'run.output') {
        live.get(event.run)?.tail.push(event.bytes);
        if (verbose) process.stdout.write(event.bytes);
      } else if (event.type === 'run.checked' && !event.holds) {
        const run = live.get(event.run);
        if (run) run.check = event.output;
      } else if (event.type === 'run.hands' && event.state === 'waiting') {
        process.stderr.write(
          `${paint('yellow', '⌛ waiting for a person')} ${live.get(event.run)?.started.step ?? ''}\n`,
        );
      } else if (event.type === 'run.finished') {
        const run = live.get(event.run);
        live.delete(event.run);
        printed.add(event.run);
        clearRunning();
        if (run) printFinished(run, event, width, verbose);
        showRunning(live);
      }
    },
    end(results) {
      printUnstarted(
        results.filter(result => !isGood(result.outcome) && !printed.has(result.run)),
        width,
      );
      printTimes(times.end(), width);
      printSummary(results);
    },
  };
}

/** What was refused before it began left no event: its reason is said here. */
function printUnstarted(results: RunResult[], width: number): void {
  for (const { step, subject, outcome, reason } of results)
    process.stdout.write(
      `${MARK[outcome]} ${step.padEnd(width)}  ${paint('cyan', subject.padEnd(SUBJECT_WIDTH))}   ${outcome}: ${reason}\n`,
    );
}

function printChapter(manifest: Manifest, step: Step | undefined, current: string): string {
  if (!step || step.chapter === current) return current;
  const chapter = manifest.chapters.find(candidate => candidate.slug === step.chapter);
  clearRunning();
  process.stdout.write(
    `\n${paint('bold', `${chapter?.number ?? ''} ${chapter?.title ?? step.chapter}`.trim())}\n`,
  );
  return step.chapter;
}

/** On a terminal, a last line that names what runs now. */
function showRunning(live: Map<string, Live>): void {
  if (!process.stdout.isTTY || live.size === 0) return;
  const names = [...live.values()].map(run => `${run.started.step} (${run.started.subject})`);
  process.stdout.write(
    `\r\x1b[K${paint('dim', `… ${names.join(', ')}`.slice(0, (process.stdout.columns || 80) - 1))}`,
  );
}

function clearRunning(): void {
  if (process.stdout.isTTY) process.stdout.write('\r\x1b[K');
}

function printFinished(run: Live, event: RunFinished, width: number, verbose: boolean): void {
  const { step, subject, at } = run.started;
  const took = event.outcome === 'proven' ? 'holds' : duration(event.at - at);
  process.stdout.write(
    `${MARK[event.outcome]} ${step.padEnd(width)}  ${paint('cyan', subject.padEnd(SUBJECT_WIDTH))} ${paint('dim', took)}`,
  );
  process.stdout.write(isGood(event.outcome) ? '\n' : `  ${event.outcome}: ${event.reason}\n`);
  if (isGood(event.outcome)) return;
  const printed = plain(run.tail.text(40));
  if (!verbose) indent(printed);
  const checked = plain(run.check);
  if (checked && checked !== printed) {
    process.stdout.write(paint('dim', '    its check printed:\n'));
    indent(checked); // a requirement is its own check: it has been printed already
  }
}

/** As a terminal would show it. */
const plain = (text: string): string => text.replaceAll('\r\n', '\n').trimEnd();

function indent(body: string): void {
  if (body) process.stdout.write(`${body.replace(/^/gm, '    ')}\n`);
}

/** A line a chapter, its time below those of the steps. */
function printTimes(times: ChapterTime[], width: number): void {
  const column = width + '  '.length + SUBJECT_WIDTH;
  if (times.length > 0) process.stdout.write('\n');
  for (const { chapter, durationMs } of times)
    process.stdout.write(`  ${chapter.padEnd(column)} ${paint('dim', duration(durationMs))}\n`);
}

function printSummary(results: RunResult[]): void {
  const counts = new Map<Outcome, number>();
  for (const result of results) counts.set(result.outcome, (counts.get(result.outcome) ?? 0) + 1);
  const text = [...counts].map(([outcome, count]) => `${count} ${outcome}`).join(', ');
  const total = results.reduce((sum, result) => sum + result.durationMs, 0);
  process.stdout.write(
    `\n${text || 'nothing to run'}${results.length > 0 ? ` in ${duration(total)} of work` : ''}\n`,
  );
}

/** One JSON object a line: every event but the bytes, then the results. */
export function jsonReporter(): Reporter {
  const line = (value: unknown) => process.stdout.write(`${JSON.stringify(value)}\n`);
  return {
    event: event => {
      if (event.type !== 'run.output') line(event);
    },
    end: results => line({ type: 'results', results }),
  };
}
