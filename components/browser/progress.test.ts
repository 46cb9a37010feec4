import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cell, StepInfo } from '../../runner/protocol/messages.ts';
import { progressOf, progressWords } from './progress.ts';

const step = (id: string, more: Partial<StepInfo> = {}) => ({ id, kind: 'step', ...more }) as StepInfo;
const cells = (table: Record<string, [string, Cell['status']][]>) => (id: string) =>
  (table[id] ?? []).map(([subject, status]) => ({ step: id, subject, status, reason: '' }));

test('each subject of a step counts by itself', () => {
  const progress = progressOf(
    [step('a')],
    cells({
      a: [
        ['n1', 'done'],
        ['n2', 'failed'],
        ['n3', 'todo'],
      ],
    }),
  );
  assert.deepEqual(progress, { total: 3, done: 1, worn: 0, failed: 1, running: 0 });
});

test('of alternatives one is enough', () => {
  const steps = [step('build', { either: 'get' }), step('download', { either: 'get' })];
  const table = cells({ build: [['workstation', 'todo']], download: [['workstation', 'done']] });
  assert.equal(progressWords(progressOf(steps, table)), '1 of 1 proven');
});

test('a look and what is not run do not count', () => {
  const steps = [step('look', { kind: 'show' }), step('written', { notRun: true })];
  const table = cells({ look: [['n1', 'todo']], written: [['n1', 'todo']] });
  assert.equal(progressWords(progressOf(steps, table)), 'nothing to run');
});

test('what was done and is stale or drifted is named apart from what failed', () => {
  const table = cells({
    a: [
      ['n1', 'stale'],
      ['n2', 'drifted'],
      ['n3', 'lost'],
      ['n4', 'running'],
    ],
  });
  assert.equal(
    progressWords(progressOf([step('a')], table)),
    '0 of 4 proven, 1 running, 1 failed, 2 to look at again',
  );
});
