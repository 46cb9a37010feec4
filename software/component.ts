/** A component: a folder below software/ that says what it is, which version, and how it is made. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { KfsError } from '../runner/errors.ts';

/** Built from a Go module that go.mod and go.sum beside it pin. */
const go = z.strictObject({
  /** File name → import path of its main package. */
  programs: z.record(z.string(), z.string()).default({}),
  /** File name → import path of a package whose tests are made a program (`go test -c`). */
  tests: z.record(z.string(), z.string()).optional(),
  /** Package variable → string, set by the linker. */
  stamps: z.record(z.string(), z.string()).default({}),
});

/**
 * Taken from a Debian package, whose signature apt checks. Debian rebuilds packages and drops the older build, so the
 * bytes are not pinned; which version it was is in `packages.txt` beside the files.
 */
const debian = z.strictObject({
  package: z.string(),
  /** Debian's own, `1:1.37.0-6`, and whatever it adds after a plus for a rebuild or a security fix. */
  version: z.string(),
  /** File name → path in the package. */
  files: z.record(z.string(), z.string().startsWith('/')),
});

const schema = z
  .strictObject({
    /** One sentence for a reader. */
    about: z.string(),
    /** Without a leading v. */
    version: z.string().regex(/^\d+\.\d+\.\d+$/),
    /** SPDX identifier. */
    licence: z.string(),
    home: z.url(),
    /** Made only when it is asked for by name: no step of the book needs it to go on. */
    optional: z.boolean().default(false),
    go: go.optional(),
    debian: debian.optional(),
  })
  .refine(value => (value.go === undefined) !== (value.debian === undefined), {
    error: 'says either go or debian: how it is made',
  });

export type GoRecipe = z.infer<typeof go>;
export type DebianRecipe = z.infer<typeof debian>;

export type Component = z.infer<typeof schema> & {
  name: string;
  /** Its folder: component.yaml, and for Go go.mod, go.sum, Go files. */
  folder: string;
};

/** The files that making a component yields, sorted. */
export const filesOf = ({ go, debian }: Component): string[] =>
  Object.keys(go ? { ...go.programs, ...go.tests } : (debian?.files ?? {})).sort();

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
