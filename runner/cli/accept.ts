/** `kfs accept`: takes a stale step as it is, without running it; on the page, the button *Accept as it is*. */
import type { Command } from 'commander';
import type { Step } from '../book/manifest.ts';
import type { Cell } from '../events.ts';
import type { Runner } from '../run/runner.ts';
import { globals } from './context.ts';
import { assertKnown, openRunner } from './open.ts';

const HELP = `
A step becomes stale when its text, or a value that it uses, has changed since it was done, or what it stands on was
run again. If you know that the change does not matter here, say so; the step counts as done, with the new text. Above
all where running it again would destroy something. Exit code 0 when something was accepted, 1 when nothing was stale.

Examples:
  kfs status ceph --reasons            why something is stale
  kfs accept ceph-osd                  on every machine on which it is stale
  kfs accept ceph-osd --on n2          on this one`;

export function register(program: Command): void {
  program
    .command('accept')
    .description('take stale steps as they are, without running them')
    .argument('<step...>', 'steps of the book')
    .option('--on <machine>', 'on this machine only')
    .addHelpText('after', HELP)
    .action(async (what: string[], { on }: { on?: string }, command: Command) => {
      const runner = await openRunner(globals(command));
      try {
        const manifest = runner.manifest();
        assertKnown(manifest, what);
        const steps = manifest.steps.filter(step => what.includes(step.id));
        const accepted = steps.flatMap(step => acceptStep(runner, step, on));
        if (accepted.length === 0)
          process.stderr.write('nothing of it is stale: there is nothing to accept\n');
        process.exitCode = accepted.length > 0 ? 0 : 1;
      } finally {
        await runner.close();
      }
    });
}

/** Accepts the step where it is stale; a line on the terminal for each. */
function acceptStep(runner: Runner, step: Step, on: string | undefined): Cell[] {
  const stale = runner
    .cells()
    .filter(
      cell => cell.step === step.id && cell.status === 'stale' && (on ?? cell.subject) === cell.subject,
    );
  for (const { subject, reason } of stale) {
    runner.accept(step.id, subject, step.digest);
    process.stdout.write(`accepted ${step.id} on ${subject} as it is (${reason})\n`);
  }
  return stale;
}
