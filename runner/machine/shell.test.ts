import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HOSTS } from './testing/hosts.ts';

for (const kind of HOSTS) {
  describe(`a shell on ${kind.name}`, { skip: kind.skip, timeout: 60_000 }, () => {
    it('is a terminal of the size asked for, takes bytes, follows a new size, and tells its status', async () => {
      const host = await kind.make();
      try {
        const shell = await host.machine().shell({ columns: 90, rows: 30 });
        let seen = '';
        let wake = () => {};
        shell.onData(bytes => {
          seen += Buffer.from(bytes).toString();
          wake();
        });
        const until = async (pattern: RegExp) => {
          while (!pattern.test(seen))
            await new Promise<void>(resolve => {
              wake = resolve;
            });
        };
        const ended = new Promise<number>(resolve => shell.onExit(resolve));
        shell.write(Buffer.from('stty size; printf "$((6 * 7))-w\\303\\266rld\\n"\n'));
        await until(/30 90(.|\s)*42-wörld/);
        shell.pause();
        shell.resize({ columns: 100, rows: 40 });
        shell.write(Buffer.from('stty size\n'));
        shell.resume();
        await until(/40 100/);
        shell.write(Buffer.from('exit 5\n'));
        assert.equal(await ended, 5);
      } finally {
        await host.end();
      }
    });
  });
}
