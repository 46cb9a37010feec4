/** Looks for secrets in files. What is printed names the secret and the file, and never the secret. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Secret, textsOf } from './needles.ts';

export interface Find {
  secret: string;
  file: string;
}

export class Search {
  readonly #secrets: Secret[];
  readonly #owners = new Map<string, string>();
  readonly #patterns: string;

  /** `scratch` is a folder of mode 0700, for the caller to remove: the patterns are secret. */
  constructor(secrets: Secret[], scratch: string) {
    this.#secrets = secrets;
    for (const { name, bytes } of secrets)
      for (const text of textsOf(bytes)) if (!this.#owners.has(text)) this.#owners.set(text, name);
    this.#patterns = join(scratch, 'patterns');
    writeFileSync(this.#patterns, `${[...this.#owners.keys()].join('\n')}\n`, { mode: 0o600 });
  }

  /** Everything below a folder, or one file. */
  in(path: string): Find[] {
    const finds = [...this.#texts(path), ...filesBelow(path).flatMap(file => this.#raw(file))];
    const once = new Map(finds.map(find => [`${find.secret} ${find.file}`, find]));
    return [...once.values()];
  }

  #texts(path: string): Find[] {
    const argv = ['-raoFH', '--null', '-f', this.#patterns, path];
    const { stdout, status } = spawnSync('grep', argv, {
      encoding: 'latin1',
      env: { ...process.env, LC_ALL: 'C' },
      maxBuffer: 2 ** 30,
    });
    if (status !== 0 && status !== 1) throw new Error(`grep could not look through ${path}`);
    return stdout
      .split('\n')
      .filter(Boolean)
      .map(line => {
        const [file = '', text = ''] = line.split('\0');
        return { secret: this.#owners.get(text) ?? 'a secret', file };
      });
  }

  #raw(file: string): Find[] {
    const content = readFileSync(file);
    return this.#secrets
      .filter(({ bytes }) => content.includes(bytes))
      .map(({ name }) => ({ secret: name, file }));
  }
}

function filesBelow(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name));
}
