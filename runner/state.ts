/** Where the runner keeps what it knows, and nothing else. One directory, `.kfs/` in the checkout by default. */
import { join, resolve } from 'node:path';

/** The checkout: the folder with `kfs`, `content/` and `node_modules/` in it. */
export const CHECKOUT = resolve(import.meta.dirname, '..');

export interface StatePaths {
  root: string;
  /** The plan. */
  plan: string;
  /** The plan rendered for the shell, workstation values. */
  env: string;
  /** ssh_config for runner and reader: `ssh -F`. */
  sshConfig: string;
  knownHosts: string;
  /** The reader's key made by the book, if the plan names no other. */
  sshKey: string;
  /** `$KFS_PKI`. */
  pki: string;
  /** Programs that steps put on the workstation's PATH, such as the book's `kubectl`. */
  bin: string;
  /** `$KFS_HOME`: the working directory of workstation steps. */
  work: string;
  /** SQLite file. */
  journal: string;
  /** Directory of `<run>.raw` and `<run>.timing`. */
  transcripts: string;
  /** Spool of the workstation's own jobs. */
  jobs: string;
  /** Lock and address of the running server. */
  server: string;
  /** `$KFS_MIRROR`'s folder. */
  mirror: string;
  lab: string;
}

/** Pure: paths only, nothing is made. */
export function statePaths(dir: string): StatePaths {
  const root = resolve(dir);
  const at = (...parts: string[]) => join(root, ...parts);
  return {
    root,
    plan: at('cluster.yaml'),
    env: at('cluster.env'),
    sshConfig: at('ssh', 'config'),
    knownHosts: at('ssh', 'known_hosts'),
    sshKey: at('ssh', 'id_ed25519'),
    pki: at('pki'),
    bin: at('bin'),
    work: at('work'),
    journal: at('journal', 'journal.sqlite'),
    transcripts: at('journal', 'transcripts'),
    jobs: at('jobs'),
    server: at('server.json'),
    mirror: at('mirror'),
    lab: at('lab'),
  };
}
