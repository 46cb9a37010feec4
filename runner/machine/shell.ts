/** An interactive program in a local pseudo-terminal, for the reader's own typing. */
import pty from 'node-pty';
import type { Shell, Size } from './machine.ts';

export function ptyShell(program: string, argv: string[], size: Size, cwd: string): Shell {
  const term = pty.spawn(program, argv, {
    name: 'xterm-256color',
    cols: size.columns,
    rows: size.rows,
    cwd,
    encoding: null, // bytes, not text
  });
  let ended = false;
  term.onExit(() => {
    ended = true;
  });
  return {
    onData: listener =>
      void term.onData(data => listener(typeof data === 'string' ? Buffer.from(data) : data)),
    onExit: listener =>
      void term.onExit(({ exitCode, signal }) => listener(signal ? 128 + signal : exitCode)),
    write: bytes => term.write(Buffer.from(bytes)),
    resize: ({ columns, rows }) => {
      if (!ended) term.resize(columns, rows);
    },
    pause: () => term.pause(),
    resume: () => term.resume(),
    kill: () => {
      if (!ended) term.kill('SIGHUP');
    },
  };
}
