/** JUnit XML of a run: a suite a chapter, a case a step and subject. */
import { stepById } from '../book/order.ts';
import { isGood } from '../events.ts';
import type { Runner, RunResult } from '../run/runner.ts';
import { TailBuffer } from './tail-buffer.ts';

export function junit(runner: Runner, results: RunResult[]): string {
  const suites = new Map<string, RunResult[]>();
  for (const result of results) {
    const chapter = stepById(runner.manifest(), result.step).chapter;
    suites.set(chapter, [...(suites.get(chapter) ?? []), result]);
  }
  const body = [...suites].map(([chapter, members]) => suite(runner, chapter, members)).join('');
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites${counts(results)}>\n${body}</testsuites>\n`;
}

function suite(runner: Runner, chapter: string, results: RunResult[]): string {
  const cases = results.map(result => testcase(runner, result)).join('');
  return `  <testsuite name="${xmlText(chapter)}"${counts(results)}>\n${cases}  </testsuite>\n`;
}

function testcase(runner: Runner, result: RunResult): string {
  const place = stepById(runner.manifest(), result.step).place;
  const seconds = (result.durationMs / 1000).toFixed(3);
  const open = `    <testcase name="${xmlText(`${result.step} on ${result.subject}`)}" classname="${xmlText(result.step)}" file="${xmlText(place.file)}" line="${place.line}" time="${seconds}"`;
  if (!isFailure(result)) return `${open}/>\n`;
  const output = endOfTranscript(runner, result.run);
  return `${open}>\n      <failure type="${result.outcome}" message="${xmlText(result.reason)}">${xmlText(output)}</failure>\n    </testcase>\n`;
}

function endOfTranscript(runner: Runner, run: string): string {
  const { total } = runner.transcript(run, 0, 0);
  const tail = new TailBuffer(16 * 1024);
  tail.push(runner.transcript(run, Math.max(0, total - 16 * 1024)).bytes);
  return tail.text(60);
}

const isFailure = ({ outcome }: RunResult) => !isGood(outcome);

function counts(results: RunResult[]): string {
  const failures = results.filter(isFailure).length;
  const seconds = results.reduce((sum, result) => sum + result.durationMs, 0) / 1000;
  return ` tests="${results.length}" failures="${failures}" time="${seconds.toFixed(3)}"`;
}

/** For text and attributes; drops the control characters that XML 1.0 forbids. */
function xmlText(text: string): string {
  return text
    .replace(/[^\t\n\r\x20-\uFFFD]/g, '')
    .replace(/[<>&"]/g, character => `&#${character.charCodeAt(0)};`);
}
