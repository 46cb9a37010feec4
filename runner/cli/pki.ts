/** `kfs pki`: makes, shows, renews, saves and restores the roots of trust; what makes them is loaded only then. */
import { relative } from 'node:path';
import type { Command } from 'commander';
import { KfsError } from '../errors.ts';
import { PARTS, type Part } from '../pki/entry.ts';
import type { Change, Options } from '../pki/init.ts';
import type { CertificateSummary } from '../pki/summary.ts';
import { loadPlan } from '../plan/load.ts';
import { globals, paint } from './context.ts';
import { askPassphrase } from './pki-passphrase.ts';

const PARTS_HELP = `
Parts: ${PARTS.join(' ')}
Nothing that is right already is touched: run it as often as you like.`;

const PASSPHRASE_HELP = `
The passphrase is read from --passphrase-file, else asked for at the terminal, else read from standard input.`;

export function register(program: Command): void {
  const pki = program
    .command('pki')
    .description('the roots of trust: keys and certificates, on the workstation');
  registerMaking(pki);
  registerShowing(pki);
  registerSaving(pki);
}

function registerMaking(pki: Command): void {
  const making = (name: string, description: string, due: boolean) =>
    pki
      .command(name)
      .description(description)
      .argument('[part...]', 'only these parts (default: all)')
      .option('--machine <name>', 'only what belongs to this machine')
      .addHelpText('after', PARTS_HELP)
      .action((parts: string[], flags: MakeFlags, command: Command) => make(command, parts, flags, due));
  making('init', 'make what is missing, and issue again what is not what the plan asks for', false);
  making('renew', 'the same, and issue again what has less than a third of its life left; keys stay', true);
}

interface MakeFlags {
  machine?: string;
}

async function make(command: Command, parts: string[], flags: MakeFlags, due: boolean): Promise<void> {
  const { paths, json } = globals(command);
  const plan = loadPlan(paths.plan);
  const options: Options = { due };
  if (parts.length > 0) options.parts = parts.map(knownPart);
  if (flags.machine)
    options.machine = known(
      flags.machine,
      plan.machines.map(({ name }) => name),
    );
  const { init } = await import('../pki/init.ts');
  const changes = init(plan, paths, options);
  print(json, changes, toldChanges(changes));
}

const knownPart = (name: string): Part => known(name, [...PARTS]) as Part;

function known(name: string, names: string[]): string {
  if (names.includes(name)) return name;
  throw new KfsError('usage', `there is no \`${name}\` here`, { next: `there is ${names.join(', ')}` });
}

function toldChanges(changes: Change[]): string {
  if (changes.length === 0) return 'nothing to do: everything is there and as the plan asks\n';
  return changes.map(({ file, why }) => `${file}  ${paint('dim', why)}\n`).join('');
}

function registerShowing(pki: Command): void {
  pki
    .command('show')
    .description('every certificate: whose, for what, how many days are left')
    .addHelpText('after', '\nExit code 1 when one is to be renewed, has ended or cannot be read.')
    .action(async (_flags: object, command: Command) => {
      const { paths, json } = globals(command);
      const { inventory } = await import('../pki/inventory.ts');
      const certificates = inventory(paths.pki);
      print(json, certificates, toldCertificates(certificates));
      process.exitCode = certificates.some(({ due }) => due) ? 1 : 0;
    });
}

function toldCertificates(certificates: CertificateSummary[]): string {
  if (certificates.length === 0) return 'no certificate yet: `kfs pki init` makes them\n';
  const width = Math.max(...certificates.map(({ file }) => file.length));
  return certificates
    .map(certificate => `${certificate.file.padEnd(width)}  ${state(certificate)}\n`)
    .join('');
}

function state({ problem, daysLeft, due, subject, usages, names }: CertificateSummary): string {
  if (problem) return paint('red', `cannot be read: ${problem}`);
  const days = `${daysLeft} days`.padStart(10);
  const about = [subject, usages.join('+') || 'any use', names.join(' ')].filter(Boolean).join(' · ');
  return `${due ? paint(daysLeft < 0 ? 'red' : 'yellow', days) : days}  ${about}`;
}

interface PassphraseFlags {
  passphraseFile?: string;
}

function registerSaving(pki: Command): void {
  const option = ['--passphrase-file <file>', 'its first line is the passphrase'] as const;
  pki
    .command('backup')
    .description('save everything, encrypted, in one file that any OpenSSL opens')
    .argument('<file>')
    .option(...option)
    .addHelpText('after', `${PASSPHRASE_HELP} It is needed the first time only.`)
    .action(async (file: string, flags: PassphraseFlags, command: Command) => {
      const { paths, json } = globals(command);
      const { backup } = await import('../pki/backup.ts');
      const title = await backup(paths, file, () => askPassphrase(flags.passphraseFile, true));
      print(json, { file, title }, `${file}  ${title}\n`);
    });
  pki
    .command('restore')
    .description('put a backup into an empty place, or only some of its files')
    .argument('<file>')
    .option(...option)
    .option('--only <path...>', 'only these, named as below the PKI folder: root/ca.key')
    .addHelpText('after', PASSPHRASE_HELP)
    .action(async (file: string, flags: PassphraseFlags & { only?: string[] }, command: Command) => {
      const { paths, json } = globals(command);
      const ask = () => askPassphrase(flags.passphraseFile, false);
      const { restore } = await import('../pki/backup.ts');
      const written = await restore(paths, file, flags.only ?? [], ask);
      print(
        json,
        written,
        `${written.length} files restored below ${relative(process.cwd(), paths.root) || '.'}\n`,
      );
    });
}

function print(json: boolean, data: unknown, text: string): void {
  process.stdout.write(json ? `${JSON.stringify(data, null, 2)}\n` : text);
}
