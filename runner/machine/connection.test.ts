import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { SshCarrier } from './connection.ts';

const dir = mkdtempSync(join(tmpdir(), 'kfs-connection-'));
after(() => rmSync(dir, { recursive: true }));

/** An ssh client that notes when it was started, in milliseconds, and is refused with these words. */
function refused(words: string): { program: string; started: () => number[] } {
  const program = join(dir, `ssh-${words.length}`);
  const times = `${program}.times`;
  writeFileSync(program, `#!/bin/sh\ndate +%s%3N >> ${times}\necho '${words}' >&2\nexit 255\n`, {
    mode: 0o755,
  });
  return { program, started: () => readFileSync(times, 'utf8').trim().split('\n').map(Number) };
}

async function twice(program: string): Promise<void> {
  const carrier = new SshCarrier({ name: 'm1', configFile: join(dir, 'config') }, program);
  for (const _ of [1, 2]) await assert.rejects(carrier.open(), { code: 'machine-unreachable' });
  await carrier.close();
}

it('a machine that is starting is not asked again before its sshd has forgiven the last login', async () => {
  const { program, started } = refused('System is booting up. Unprivileged users are not permitted yet.');
  await twice(program);
  const [first, second] = started();
  assert.ok(second! - first! >= 5500, `${second! - first!} ms`);
});

it('a machine that nobody answers for is asked again at once', async () => {
  const { program, started } = refused('ssh: connect to host 10.0.0.1 port 22: Connection refused');
  await twice(program);
  const [first, second] = started();
  assert.ok(second! - first! < 5500, `${second! - first!} ms`);
});
