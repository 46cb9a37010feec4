/** Each in a process of its own, as it is about signals and exit codes. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';

const MODULE = join(import.meta.dirname, 'terminal.ts');

function started(t: TestContext, script: string): ChildProcess {
  const text = `import { handTerminal, interruptible } from ${JSON.stringify(MODULE)};\n${script}`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', text], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  return child;
}

const word = async (child: ChildProcess): Promise<string> =>
  String((await once(child.stdout ?? assert.fail(), 'data'))[0]).trim();

test('Ctrl-C stops the work, and says what to do next', async t => {
  const child = started(
    t,
    `const signal = interruptible();
    const waiting = setInterval(() => {}, 1000);
    signal.addEventListener('abort', () => {
      clearInterval(waiting);
      console.log(signal.reason.code + ': ' + signal.reason.next);
    });
    console.log('works');`,
  );
  assert.equal(await word(child), 'works');
  child.kill('SIGINT');
  assert.equal(await word(child), 'interrupted: start it again; it goes on from what is complete');
});

test('the exit status of a program that has the terminal is ours', async t => {
  const child = started(t, `await handTerminal(['sh', '-c', 'exit 7']);`);
  assert.deepEqual(await once(child, 'exit'), [7, null]);
});

test('what would end us ends the program that has the terminal', async t => {
  const child = started(t, `await handTerminal(['sh', '-c', 'echo $$; exec sleep 600']);`);
  const pid = Number(await word(child));
  child.kill('SIGTERM');
  assert.deepEqual(await once(child, 'exit'), [130, null]);
  assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
});

test('Ctrl-C, as often as it is typed, is the business of the program that has the terminal', async t => {
  const child = started(t, `await handTerminal(['sh', '-c', 'echo begun; sleep 1; exit 7']);`);
  await word(child);
  child.kill('SIGINT');
  await new Promise(resolve => setTimeout(resolve, 200));
  child.kill('SIGINT');
  assert.deepEqual(await once(child, 'exit'), [7, null]);
});
