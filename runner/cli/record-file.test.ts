import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import { test } from 'node:test';
import type { JournalEvent } from '../events.ts';
import type { Runner } from '../run/runner.ts';
import { recordOfJournal, withoutPaths } from './record-file.ts';

test('a record names no folder of the workstation that it was made on', () => {
  const environment = { KFS_STATE: '/srv/a/.kfs', KFS_HOME: '/srv/a/.kfs/work', KFS_BOOK: '/srv/a' };
  const text = `/srv/a/.kfs/work/x /srv/a/.kfs/pki ${homedir()}/y /srv/a/kfs`;
  assert.equal(withoutPaths(text, environment), '$KFS_HOME/x $KFS_STATE/pki ~/y $KFS_BOOK/kfs');
});

/** A run of the step `look` as the journal has it. */
const ran = (
  run: string,
  digest: string,
  durationMs: number,
  outcome: 'done' | 'failed',
  at = 3,
): JournalEvent[] =>
  [
    { type: 'run.started', at: 1, run, step: 'look', subject: 'n1', digest },
    { type: 'run.exited', at: 2, run, status: 0, durationMs },
    { type: 'run.finished', at, run, outcome, reason: '' },
  ] as unknown as JournalEvent[];

test('the record of a journal has of each step the newest run that held with its present text', () => {
  const runner = {
    manifest: () => ({ steps: [{ id: 'look', digest: 'new' }] }),
    environment: () => ({ KFS_VERSION_ETCD: '3.7.3', KFS_CLUSTER: 'lab' }),
    transcript: () => ({ bytes: Buffer.from('seen\r\n'), total: 6, complete: true }),
  } as unknown as Runner;
  const events = [
    ...ran('a', 'new', 10, 'done'),
    ...ran('b', 'new', 20, 'done', Date.parse('2026-02-03T04:05:06Z')),
    ...ran('c', 'new', 30, 'failed'),
    ...ran('d', 'old', 40, 'done'),
  ];
  const { steps, host, versions } = recordOfJournal(runner, events);
  const recordedAt = '2026-02-03T04:05:06.000Z';
  assert.deepEqual(steps, {
    look: { digest: 'new', durationMs: 20, subject: 'n1', recordedAt, host, output: 'seen\n' },
  });
  assert.deepEqual(versions, { KFS_VERSION_ETCD: '3.7.3' });
});
