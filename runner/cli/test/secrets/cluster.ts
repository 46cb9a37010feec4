/** The data of the cluster's Secrets, as far as it is secret. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { StatePaths } from '../../../state.ts';
import type { Secret } from './needles.ts';
import { secretsOfPem } from './values.ts';

interface Kept {
  type?: string;
  metadata: { name: string; namespace?: string };
  /** Values in base64. */
  data?: Record<string, string>;
}

/** Of a bootstrap token all else is public: its id, its groups, its last day. */
const TOKEN = { type: 'bootstrap.kubernetes.io/token', key: 'token-secret' };

/** A word that nobody guesses. The book itself writes others, in plain sight, to show what becomes of them. */
const UNGUESSED = /^[\x21-\x7e]{16,}$/;

/** By the reader's own kubectl. Rejects when it fails. */
export async function secretsOfCluster(paths: StatePaths): Promise<Secret[]> {
  const kubectl = join(paths.root, 'bin', 'kubectl');
  const { stdout } = await promisify(execFile)(kubectl, [
    'get',
    'secrets',
    '--all-namespaces',
    '--output=json',
  ]);
  return secretsOfList(stdout);
}

/** What `kubectl get secrets --output=json` prints: private keys, and words that nobody guesses. */
export function secretsOfList(json: string): Secret[] {
  const { items } = JSON.parse(json) as { items: Kept[] };
  return items.flatMap(({ type, metadata, data = {} }) =>
    Object.entries(data)
      .filter(([key]) => type !== TOKEN.type || key === TOKEN.key)
      .flatMap(([key, value]) =>
        secretsOfValue(
          `Secret ${metadata.namespace}/${metadata.name}: ${key}`,
          Buffer.from(value, 'base64').toString('latin1'),
        ),
      ),
  );
}

function secretsOfValue(name: string, text: string): Secret[] {
  const word = text.trim();
  return UNGUESSED.test(word) ? [{ name, bytes: Buffer.from(word) }] : secretsOfPem(name, text);
}
