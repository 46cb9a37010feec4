/**
 * A runner that runs short steps on the workstation until it is killed. Each step writes the id of its run, as
 * the supervisor tells it, to a file: what really happened, to hold the journal against.
 * Argument: the state directory. Writes a character once it begins and one an event.
 */
import { writeSync } from 'node:fs';
import { statePaths } from '../../state.ts';
import { createRunner } from '../engine.ts';
import { testBook } from './book.ts';

export const VICTIM_BOOK = testBook({
  a: {
    'step:short': { text: 'echo "$KFS_JOB" >>ran\n', check: 'test -s ran\n' },
    'step:loud': { text: 'seq 3000\necho "$KFS_JOB" >>ran\n', check: 'test -s ran\n' },
    'step:slow': {
      text: 'echo begin\nsleep 0.05\necho "$KFS_JOB" >>ran\necho end\n',
      check: 'test -s ran\n',
    },
    'event:failing': { text: 'echo "$KFS_JOB" >>ran\nexit 3\n' },
  },
});

if (import.meta.main) {
  const runner = await createRunner({
    manifest: VICTIM_BOOK,
    plan: null,
    paths: statePaths(process.argv[2]!),
  });
  writeSync(1, '.');
  runner.subscribe(() => void writeSync(1, '.'));
  await runner.resume();
  for (;;) await runner.series({ what: [] }, { by: 'test', mode: 'force', keepGoing: true });
}
