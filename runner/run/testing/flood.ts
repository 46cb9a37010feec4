/** Runs one step that writes as many MiB as the argument says, and prints how much memory that took at most. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { statePaths } from '../../state.ts';
import { createRunner } from '../engine.ts';
import { testBook } from './book.ts';

const megabytes = Number(process.argv[2]);
const dir = mkdtempSync(join(tmpdir(), 'kfs-flood-'));
const text = `head -c ${megabytes}M /dev/zero | tr '\\0' x\n`;
const manifest = testBook({ a: { 'show:flood': { text, timeoutMs: 600_000 } } });
const runner = await createRunner({ manifest, plan: null, paths: statePaths(dir) });
// A reader that is slower than the program, as a page is.
runner.subscribe(event =>
  event.type === 'run.output' ? new Promise(resolve => setTimeout(resolve, 100)) : undefined,
);
const { digest } = manifest.steps[0]!;
const { run, outcome } = await runner.run({
  step: 'flood',
  subject: 'workstation',
  digest,
  mode: 'run',
  by: 'test',
});
const { total } = runner.transcript(run, 0, 0);
await runner.close();
rmSync(dir, { recursive: true, force: true });
const peak = Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024;
process.stdout.write(JSON.stringify({ outcome, bytes: total, peak: Math.round(peak) }));
