/** The supervisor's files, as they are shipped: `supervisor/*.sh`, read there from the top by `serve.sh`. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Supervisor {
  files: { name: string; text: Buffer }[];
  /** sha256 hex over names and texts. */
  digest: string;
}

let loaded: Supervisor | undefined;

export function supervisor(): Supervisor {
  loaded ??= load(join(import.meta.dirname, 'supervisor'));
  return loaded;
}

function load(dir: string): Supervisor {
  const names = readdirSync(dir).filter(name => name.endsWith('.sh'));
  const files = names.toSorted().map(name => ({ name, text: readFileSync(join(dir, name)) }));
  const hash = createHash('sha256');
  for (const { name, text } of files) hash.update(`${name} ${text.length}\n`).update(text);
  return { files, digest: hash.digest('hex') };
}
