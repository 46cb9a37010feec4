import assert from 'node:assert/strict';
import { it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { onEachHost } from './testing/hosts.ts';

onEachHost('a shell on', on => {
  it('is a terminal of the size asked for, takes bytes, follows a new size, and tells its status', async ({
    signal,
  }) => {
    const shell = await on.machine.shell({ columns: 90, rows: 30 });
    const decoder = new TextDecoder();
    let seen = '';
    shell.onData(bytes => {
      seen += decoder.decode(bytes, { stream: true });
    });
    const until = async (pattern: RegExp, again = () => {}) => {
      for (; !pattern.test(seen); again()) await delay(100, undefined, { signal });
    };
    const ended = new Promise<number>(resolve => shell.onExit(resolve));
    shell.write(Buffer.from('stty size; printf "$((6 * 7))-w\\303\\266rld\\n"\n'));
    await until(/30 90[\s\S]*42-wörld/);
    shell.pause();
    shell.resize({ columns: 100, rows: 40 });
    const ask = () => shell.write(Buffer.from('stty size\n'));
    ask();
    shell.resume();
    // Over ssh the word of the new size may come after what was typed behind it.
    await until(/40 100/, ask);
    shell.write(Buffer.from('exit 5\n'));
    assert.equal(await ended, 5);
  });
});
