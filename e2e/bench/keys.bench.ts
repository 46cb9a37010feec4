/** The echo of a key in a terminal of the page (WebSocket, runner, ssh, PTY), beside plain `ssh -tt` in a PTY. */
import { setTimeout as delay } from 'node:timers/promises';
import { shellArgv } from '../../runner/machine/argv.ts';
import { ptyShell } from '../../runner/machine/shell.ts';
import { cannotRunSshd } from '../../runner/machine/testing/sshd.ts';
import { Desk } from './support/desk.ts';
import { inTurn, notRun, percentile, print, printLoad, timed } from './support/figures.ts';

const SIZE = { columns: 80, rows: 24 };
/** The terminal's own echo and nothing else: no shell that draws a line. */
const QUIET = 'exec cat >/dev/null\n';
/** Between two keys, in milliseconds; a fast typist's are ten times as far apart. */
const PAUSE = 8;

interface Terminal {
  type(text: string): void;
  /** Called when output comes. */
  heard: () => void;
}

async function ours(desk: Desk): Promise<Terminal> {
  const page = await desk.page();
  const { shell } = await page.ask({ type: 'shell.open', machine: 'n1', size: SIZE });
  const followed = await page.follow({ shell });
  const terminal: Terminal = { type: text => page.type(followed.stream, text), heard: () => {} };
  followed.heard = () => terminal.heard();
  return terminal;
}

function plain(desk: Desk): Terminal & { kill(): void } {
  const pty = ptyShell('ssh', shellArgv(desk.sshd, desk.socket), SIZE, '/');
  const kill = () => pty.kill();
  const terminal = { type: (text: string) => pty.write(Buffer.from(text)), heard: () => {}, kill };
  pty.onData(() => terminal.heard());
  return terminal;
}

/** Nothing has come for a moment: the shell has given way to `cat`. */
async function settled(terminal: Terminal): Promise<void> {
  terminal.type(QUIET);
  for (let since = 0; since < 10; since++) {
    terminal.heard = () => {
      since = 0;
    };
    await delay(100);
  }
}

async function echo(terminal: Terminal): Promise<number> {
  await delay(PAUSE);
  const heard = new Promise<void>(resolve => {
    terminal.heard = resolve;
  });
  return timed(async () => {
    terminal.type('x');
    await heard;
  });
}

const cannot = cannotRunSshd();
if (cannot) notRun('the echo of a key', cannot);
else {
  await using desk = await Desk.open();
  await desk.startRig();
  const [page, ssh] = [await ours(desk), plain(desk)];
  await Promise.all([settled(page), settled(ssh)]);
  const works = { page: () => echo(page), ssh: () => echo(ssh) };
  const times = await inTurn(works, { rounds: 1000, seconds: 30, warm: 50 });
  ssh.kill();
  for (const p of [0.5, 0.9, 0.99]) {
    const peer = { name: '`ssh -tt`', value: percentile(times.ssh, p) };
    const goal = p === 0.99 ? { goal: { ratio: 1.2 } } : {};
    const name = `the echo of a key through page and runner, p${p * 100}`;
    print({ name, value: percentile(times.page, p), unit: 'ms', peer, ...goal });
  }
  printLoad();
}
