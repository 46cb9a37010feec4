/**
 * From the page to Ignition: a machine's config is written as YAML, with Ignition's own field names, and becomes the
 * JSON that Ignition reads. One thing is added: `{ local: FILE }` stands for the contents of a file of the workstation,
 * so that no key is written on a page.
 */
import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { KfsError } from '../../runner/errors.ts';

/** Pure but for the files that `local` names. Throws when one of them cannot be read, or the text is not YAML. */
export function ignitionOf(yaml: string): string {
  return `${JSON.stringify(filled(parse(yaml), ''), null, 2)}\n`;
}

/** Ignition wants URLs under `contents`; everywhere else a text is a text. */
function filled(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return value.map(item => filled(item, name));
  if (typeof value !== 'object' || value === null) return value;
  const { local, inline } = value as { local?: string; inline?: string };
  const bytes = local === undefined ? inline : read(local);
  if (bytes === undefined) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filled(item, key)]));
  }
  if (name !== 'contents') return bytes.toString().trim();
  return { source: `data:;base64,${Buffer.from(bytes).toString('base64')}` };
}

function read(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new KfsError('image-failed', `the config names ${file}, which cannot be read`, {
      next: 'the earlier chapters make it: run their steps first',
      cause: error,
    });
  }
}

/** Writes `out`, readable by its owner only, since a host key is in it; the same content is not written again. */
export function writeConfig(from: string, out: string): void {
  const text = ignitionOf(read(from).toString());
  mkdirSync(dirname(out), { recursive: true, mode: 0o700 });
  if (!existsSync(out) || readFileSync(out, 'utf8') !== text) {
    writeFileSync(`${out}.new`, text, { mode: 0o600 });
    renameSync(`${out}.new`, out);
  }
  chmodSync(out, 0o600);
}

/** What `ignition-validate` of the image has to say of a config: nothing when it is right to the letter. */
export function remarksOn(config: string, image: string): Promise<string> {
  return new Promise(resolve => {
    execFile(join(image, 'ignition-validate'), [config], (error, stdout, stderr) => {
      resolve(`${stdout}${stderr}`.trim() || (error ? error.message : ''));
    });
  });
}
