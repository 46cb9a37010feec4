/** `kfs pki`: makes, shows, renews, saves and restores the roots of trust. */
import type { Command } from 'commander';
import { KfsError } from '../errors.ts';
import { PARTS, type Part } from '../pki/catalogue.ts';
import { type Change, init, type Options } from '../pki/init.ts';
import { loadPlan } from '../plan/load.ts';
import { globals } from './context.ts';

const PARTS_HELP = `
Parts: ${PARTS.join(' ')}
Nothing that is right already is touched: run it as often as you like.`;

export function register(program: Command): void {
  const pki = program
    .command('pki')
    .description('the roots of trust: keys and certificates, on the workstation');
  pki
    .command('init')
    .description('make what is missing, and issue again what is not what the plan asks for')
    .argument('[part...]', 'only these parts (default: all)')
    .option('--machine <name>', 'only what belongs to this machine')
    .addHelpText('after', PARTS_HELP)
    .action((parts: string[], flags: { machine?: string }, command: Command) =>
      make(command, parts, flags, false),
    );
  pki
    .command('renew')
    .description('the same, and issue again what has less than a third of its life left; keys stay')
    .argument('[part...]', 'only these parts (default: all)')
    .option('--machine <name>', 'only what belongs to this machine')
    .addHelpText('after', PARTS_HELP)
    .action((parts: string[], flags: { machine?: string }, command: Command) =>
      make(command, parts, flags, true),
    );
}

function make(command: Command, parts: string[], flags: { machine?: string }, due: boolean): void {
  const { paths, json } = globals(command);
  const plan = loadPlan(paths.plan);
  process.umask(0o077);
  const options: Options = { due };
  if (parts.length > 0) options.parts = parts.map(knownPart);
  if (flags.machine)
    options.machine = knownMachine(
      flags.machine,
      plan.machines.map(({ name }) => name),
    );
  const changes = init(plan, paths, options);
  process.stdout.write(json ? `${JSON.stringify(changes, null, 2)}\n` : told(changes));
}

function told(changes: Change[]): string {
  if (changes.length === 0) return 'nothing to do: everything is there and as the plan asks\n';
  return changes.map(({ file, why }) => `${file}  ${why}\n`).join('');
}

function knownPart(name: string): Part {
  if ((PARTS as readonly string[]).includes(name)) return name as Part;
  throw new KfsError('usage', `there is no part \`${name}\``, { next: `the parts are ${PARTS.join(', ')}` });
}

function knownMachine(name: string, known: string[]): string {
  if (known.includes(name)) return name;
  throw new KfsError('usage', `the plan has no machine \`${name}\``, {
    next: `its machines are ${known.join(', ')}`,
  });
}
