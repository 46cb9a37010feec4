import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { measuredIn } from './measured.ts';

const folder = mkdtempSync(join(tmpdir(), 'kfs-measured-'));
after(() => rmSync(folder, { recursive: true }));

const step = (output: string) => ({ digest: 'd', durationMs: 1, subject: 'n1', output });

function recordWith(steps: Record<string, object>): string {
  const file = join(folder, 'record.json');
  writeFileSync(file, JSON.stringify({ format: 1, recordedAt: '2026-01-01T00:00:00Z', host: 'h', steps }));
  return file;
}

test('what the steps that measure have printed is shown from the record, and nothing else', () => {
  const file = recordWith({
    'proof-memory': step('etcd 36\nkubelet 35\n'),
    'proof-speed': step('p50 6675 ms\n'),
    tools: step('bash'),
  });
  assert.equal(
    measuredIn(file),
    '\nproof-speed\n    p50 6675 ms\n\nproof-memory\n    etcd 36\n    kubelet 35\n',
  );
});

test('a run that did not come to these steps, or wrote no record, has measured nothing', () => {
  assert.equal(measuredIn(recordWith({ tools: step('bash') })), '');
  assert.equal(measuredIn(join(folder, 'none.json')), '');
});
