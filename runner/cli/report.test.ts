import assert from 'node:assert/strict';
import { test } from 'node:test';
import { terminalReporter } from './report.ts';

const manifest = { chapters: [], steps: [] } as never;

test('a step that was refused before it began is named at the end, with the reason', t => {
  const written = t.mock.method(process.stdout, 'write', () => true);
  const refused = { run: 'r', step: 'etcd-start', subject: 'n1', outcome: 'refused', durationMs: 0 } as const;
  terminalReporter(manifest, false).end([{ ...refused, reason: 'n1 is busy with `etcd-unit`' }]);
  const text = written.mock.calls.map(call => String(call.arguments[0])).join('');
  written.mock.restore();
  assert.match(text, /etcd-start.*n1.*refused: n1 is busy with `etcd-unit`\n/);
  assert.match(text, /1 refused/);
});
