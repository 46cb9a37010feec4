/** Things that are done to the lab of a test: by the test itself, or as the book prints them. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { compileBook } from '../../../book/compile.ts';
import { CHECKOUT } from '../../context.ts';
import type { BookLab } from '../book-lab.ts';
import type { Deed } from './deeds.ts';

const run = promisify(execFile);
const MOST_BYTES = 64 * 2 ** 20;

/** Something that is done: as root on the machine, or on the workstation, in the state directory. */
export type Act = { machine: string } | { workstation: string };

/** Stops a service, and starts a program that takes its port and hangs up on everybody: the unit `thief.service`. */
export const thief = (port: number, robbed: string): Act => ({
  machine: `systemctl stop ${robbed}
systemd-run --quiet --collect --unit=thief perl -MIO::Socket::INET -e 'my $s = IO::Socket::INET->new(LocalPort => ${port}, ReuseAddr => 1, Listen => 9) or die; close $_ while $_ = $s->accept'
sleep 1; systemctl is-active thief.service`,
});

/** Returns what it has printed. The plan may be what is wrong, so no variable is asked of it. */
export async function act(lab: BookLab, what: Act): Promise<string> {
  if ('machine' in what) return lab.root(what.machine);
  const { root, plan, sshConfig } = lab.paths;
  const environment = {
    ...process.env,
    ...{ KFS_STATE: root, KFS_PLAN: plan, KFS_SSH_CONFIG: sshConfig, KFS_BOOK: CHECKOUT },
    PATH: `${root}/bin:${CHECKOUT}:${process.env.PATH}`,
  };
  // Not on bash's standard input: an ssh in it would take what comes after for its own. That is a socket, for which
  // bash believes that it was called from another computer, and would read a person's settings.
  const done = run('bash', ['--norc', '-euo', 'pipefail', '-c', what.workstation], {
    cwd: root,
    env: environment,
    maxBuffer: MOST_BYTES,
  });
  done.child.stdin?.end();
  const { stdout, stderr } = await done;
  return stdout + stderr;
}

/** Does it as a reader does, and not as root. Returns what is wrong with it. */
export async function doAsPrinted(lab: BookLab, chapter: string, deed: Deed): Promise<string | undefined> {
  if ('section' in deed) return runSection(lab, chapter, deed.section);
  const { command, on } = deed;
  // A command that looks at what is wrong may fail; one that is not there, or gets nowhere, is the table's fault.
  const orFault = '|| exit $(($? < 126 ? 0 : $?))';
  const workstation =
    on === 'machine'
      ? `ssh -F "$KFS_SSH_CONFIG" n1 bash -s <<'PRINTED' ${orFault}\n${command}\nPRINTED`
      : `{ ${command}; } ${orFault}`;
  return act(lab, { workstation }).then(
    () => undefined,
    (error: Error) => `\`${command}\` cannot be run: ${error.message}`,
  );
}

async function runSection(lab: BookLab, chapter: string, title: string): Promise<string | undefined> {
  const steps = await stepsBelow(chapter, title);
  if (steps.length === 0) return `${chapter} has no steps below the heading "${title}"`;
  const ended = await lab.kfs('run', ...steps, '--force');
  return ended.status === 0 ? undefined : `"${title}" cannot be run again:\n${ended.output}`;
}

export async function stepsBelow(chapter: string, title: string): Promise<string[]> {
  const { steps } = await compileBook(CHECKOUT);
  return steps
    .filter(step => step.chapter === chapter && step.heading.text === title && step.kind === 'step')
    .map(({ id }) => id);
}
