/** After a full run: no secret is in what the runner keeps, in what the machine logs, or was on a command line. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StatePaths } from '../../../state.ts';
import { asRoot } from '../as-root.ts';
import type { Counts } from '../suite.ts';
import { type ArgvWatch, watchArguments } from './argv-watch.ts';
import { secretsOfCluster } from './cluster.ts';
import type { Secret } from './needles.ts';
import { type Find, Search } from './search.ts';
import { FILES_WITH_SECRETS, secretsOfMachine, secretsOfState } from './values.ts';

const MACHINE = 'n1';

/** Where the machine writes down what happens, and what each prints. */
const LOGS = {
  "the machine's journal": 'journalctl --no-pager --output=export',
  'the spool of steps on the machine': 'find /home -path "*/.local/state/kfs/*" -type f -exec cat {} +',
  '/var/log': 'find /var/log -type f ! -name "*.journal" -exec cat {} +',
};

export const watchMachine = (paths: StatePaths): ArgvWatch => watchArguments(paths.sshConfig, MACHINE);

/** Each place that was looked through is a test. `more` are files that the run has written elsewhere. */
export async function searchSecrets(paths: StatePaths, watch: ArgvWatch, more: string[]): Promise<Counts> {
  const seen = await watch.end();
  const root = (script: string) => asRoot(paths.sshConfig, MACHINE, script);
  const scratch = mkdtempSync(join(tmpdir(), 'kfs-secrets-'));
  try {
    const machine = secretsOfMachine(MACHINE, await root(FILES_WITH_SECRETS));
    const secrets = [...secretsOfState(paths), ...machine, ...(await secretsOfCluster(paths))];
    const search = new Search(secrets, scratch);
    const places: Record<string, string> = {
      ...{
        'the journal and its transcripts': join(paths.journal, '..'),
        'the spool of steps here': paths.jobs,
      },
      ...Object.fromEntries(more.map(file => [file, file])),
      'command lines here': keep(scratch, 'here', seen.here),
      'command lines on the machine': keep(scratch, 'machine', seen.machine),
    };
    for (const [name, script] of Object.entries(LOGS)) places[name] = keep(scratch, name, await root(script));
    const blind = blindTo(search, secretsOfState(paths), paths);
    const results = Object.entries(places).map(([name, path]) => report(name, search.in(path)));
    process.stdout.write(
      `${new Set(secrets.map(({ name }) => name)).size} files and Secrets were looked for\n`,
    );
    const failed = results.filter(clean => !clean).length + (blind.length > 0 ? 1 : 0);
    for (const name of blind) process.stdout.write(`✘ the search does not even find ${name} where it lies\n`);
    return { passed: results.length + 1 - failed, failed, skipped: 0 };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function keep(scratch: string, name: string, text: string): string {
  const folder = join(scratch, 'seen');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, name.replaceAll(/\W+/g, '-'));
  writeFileSync(file, text, { mode: 0o600 });
  if (text.length === 0) throw new Error(`nothing was seen of ${name}`);
  return file;
}

/** A search that finds nothing proves something only if it finds what is there. */
function blindTo(search: Search, secrets: Secret[], paths: StatePaths): string[] {
  const found = [paths.pki, join(paths.root, 'ssh')].flatMap(folder => search.in(folder));
  const names = new Set(found.map(({ secret }) => secret));
  const bodies = new Set(found.map(({ file }) => file));
  return [...new Set(secrets.map(({ name }) => name))].filter(
    name => name !== 'passphrase' && !names.has(name) && !bodies.has(join(paths.root, name)),
  );
}

function report(place: string, finds: Find[]): boolean {
  process.stdout.write(`${finds.length === 0 ? '✔ no secret in' : '✘ secrets in'} ${place}\n`);
  for (const { secret, file } of finds) process.stdout.write(`    ${secret}, in ${file}\n`);
  return finds.length === 0;
}
