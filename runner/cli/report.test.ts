import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import type { RunEvent } from '../events.ts';
import { terminalReporter } from './report.ts';

const manifest = { chapters: [], steps: [] } as never;

const TWO = {
  chapters: [
    { slug: 'one/etcd', number: '1.4', title: 'etcd' },
    { slug: 'one/node', number: '1.8', title: 'Node' },
  ],
  steps: [
    { id: 'etcd-unit', chapter: 'one/etcd' },
    { id: 'etcd-start', chapter: 'one/etcd' },
    { id: 'node-routes', chapter: 'one/node' },
  ],
} as never;

/** What is written while `work` is done. */
function writtenBy(t: TestContext, work: () => void): string {
  const written = t.mock.method(process.stdout, 'write', () => true);
  work();
  const text = written.mock.calls.map(call => String(call.arguments[0])).join('');
  written.mock.restore();
  return stripVTControlCharacters(text);
}

test("a run's summary has a line a chapter, from its first step's start to its last one's end", t => {
  const ran = (run: string, step: string, from: number, to: number) => [
    { type: 'run.started', run, step, subject: 'n1', at: from } as RunEvent,
    { type: 'run.finished', run, outcome: 'done', reason: '', at: to } as RunEvent,
  ];
  const text = writtenBy(t, () => {
    const reporter = terminalReporter(TWO, false);
    const events = [
      ...ran('a', 'etcd-unit', 1000, 2000),
      ...ran('b', 'etcd-start', 62_000, 63_000),
      ...ran('c', 'node-routes', 63_000, 65_500),
    ];
    for (const event of events) reporter.event(event);
    reporter.end([]);
  });
  const [first, second] = text.match(/^ {2}1\..*$/gm) ?? [];
  assert.match(first ?? '', /^ {2}1\.4 etcd +1 min 2 s$/);
  assert.match(second ?? '', /^ {2}1\.8 Node +2\.5 s$/);
  const column = (line = '', time: string) => line.indexOf(time);
  assert.equal(column(first, '1 min'), column(text.match(/^. etcd-unit.*$/m)?.[0], '1.0 s'));
});

test('what a failed step and its check have printed is shown, and only once where they are the same', t => {
  const failed = (of: string, output: string, check: string) => {
    const run = { run: of, step: of, subject: 'n1', at: 0 };
    return [
      { type: 'run.started', ...run } as RunEvent,
      { type: 'run.output', ...run, bytes: Buffer.from(output) } as unknown as RunEvent,
      { type: 'run.checked', ...run, holds: false, output: check } as unknown as RunEvent,
      { type: 'run.finished', ...run, outcome: 'failed', reason: 'no' } as RunEvent,
    ];
  };
  const text = writtenBy(t, () => {
    const reporter = terminalReporter(manifest, false);
    for (const event of failed('gate', 'not met\r\n', 'not met\n')) reporter.event(event);
    for (const event of failed('step', 'did it\r\n', 'is not so\n')) reporter.event(event);
  });
  assert.equal(text.match(/not met/g)?.length, 1);
  assert.match(text, /did it\n {4}its check printed:\n {4}is not so\n/);
});

test('a step that was refused before it began is named at the end, with the reason', t => {
  const refused = { run: 'r', step: 'etcd-start', subject: 'n1', outcome: 'refused', durationMs: 0 } as const;
  const text = writtenBy(t, () =>
    terminalReporter(manifest, false).end([{ ...refused, reason: 'n1 is busy with `etcd-unit`' }]),
  );
  assert.match(text, /etcd-start.*n1.*refused: n1 is busy with `etcd-unit`\n/);
  assert.match(text, /1 refused/);
});
