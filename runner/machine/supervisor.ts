/** The supervisor's text, as it is shipped. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Supervisor {
  text: Buffer;
  /** sha256 hex over the text. */
  digest: string;
}

let loaded: Supervisor | undefined;

export function supervisor(): Supervisor {
  if (!loaded) {
    const text = readFileSync(join(import.meta.dirname, 'supervisor.sh'));
    loaded = { text, digest: createHash('sha256').update(text).digest('hex') };
  }
  return loaded;
}
