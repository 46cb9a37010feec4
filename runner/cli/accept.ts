/** `kfs accept`: takes what is stale as it is, without running it; on the page, the button *Accept as it is*. */
import type { Command } from 'commander';
import type { Cell } from '../events.ts';
import type { Runner } from '../run/runner.ts';
import { globals } from './context.ts';
import { assertKnown, openRunner } from './open.ts';
import { select } from './status.ts';

const HELP = `
A step becomes stale when its text, or a value that it uses, has changed since it was done, or what it stands on was
run again. If you know that the change does not matter here, say so; the step counts as done, with the new text. Above
all where running it again would destroy something. Exit code 0 when something was accepted, 1 when nothing was stale.

Examples:
  kfs status one-machine/ceph --reasons    why something is stale
  kfs accept ceph-osd                      on every machine on which it is stale
  kfs accept ceph-osd --on n2              on this one`;

export function register(program: Command): void {
  program
    .command('accept')
    .description('take stale steps as they are, without running them')
    .argument('<what...>', 'steps, chapters or parts')
    .option('--on <machine...>', 'only on these machines (or workstation)')
    .addHelpText('after', HELP)
    .action(async (what: string[], { on }: { on?: string[] }, command: Command) => {
      const runner = await openRunner(globals(command));
      try {
        assertKnown(runner.manifest(), what);
        const named = select(runner.manifest(), runner.cells(), what);
        const asked = named.filter(({ subject }) => on === undefined || on.includes(subject));
        const accepted = asked.filter(cell => acceptStale(runner, cell));
        if (accepted.length === 0)
          process.stderr.write('nothing of it is stale: there is nothing to accept\n');
        process.exitCode = accepted.length > 0 ? 0 : 1;
      } finally {
        await runner.close();
      }
    });
}

/** Looks again first: what stood on something stale may have ceased to be, since that was accepted. */
function acceptStale(runner: Runner, { step: id, subject }: Cell): boolean {
  const cell = runner.cell(id, subject);
  const step = runner.manifest().steps.find(each => each.id === id);
  if (!step || cell?.status !== 'stale') return false;
  runner.accept(id, subject, step.digest);
  process.stdout.write(`accepted ${id} on ${subject} as it is (${cell.reason})\n`);
  return true;
}
