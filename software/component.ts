/** A component: a folder below software/ that says what it is, which version, and how it is built. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { KfsError } from '../runner/errors.ts';

const schema = z.strictObject({
  /** One sentence for a reader. */
  about: z.string(),
  /** Without a leading v. */
  version: z.string().regex(/^\d+\.\d+\.\d+$/),
  /** SPDX identifier. */
  licence: z.string(),
  home: z.url(),
  go: z.strictObject({
    /** File name → import path of its main package. */
    programs: z.record(z.string(), z.string()),
    /** Package variable → string, set by the linker. */
    stamps: z.record(z.string(), z.string()).default({}),
  }),
});

export type Component = z.infer<typeof schema> & {
  name: string;
  /** Its folder: component.yaml, go.mod, go.sum, Go files. */
  folder: string;
};

/** Every component, sorted by name. Throws `software-invalid` naming the file. */
export function loadComponents(root = import.meta.dirname): Component[] {
  const folders = readdirSync(root, { withFileTypes: true }).filter(entry => entry.isDirectory());
  return folders
    .map(entry => join(root, entry.name))
    .filter(folder => readdirSync(folder).includes('component.yaml'))
    .sort()
    .map(loadComponent);
}

function loadComponent(folder: string): Component {
  const file = join(folder, 'component.yaml');
  const result = schema.safeParse(parse(readFileSync(file, 'utf8')));
  if (!result.success) {
    throw new KfsError('software-invalid', `${file}: ${z.prettifyError(result.error)}`, {
      next: 'mend the file; software/component.ts says what it may hold',
    });
  }
  return { ...result.data, name: folder.slice(folder.lastIndexOf('/') + 1), folder };
}
