/**
 * The search index, written once more. Starlight has Pagefind write it and then ends Pagefind at once, so that on a busy
 * host its last file (`pagefind-entry.json`) came out empty one time in eight, and the site had no search. Here Pagefind
 * gives the files, and they are written by us.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AstroIntegration } from 'astro';
import { close, createIndex, type PagefindIndex } from 'pagefind';

/** Comes after Starlight, whose files it replaces. */
export function searchIndex(): AstroIntegration {
  return {
    name: 'search-index',
    hooks: {
      'astro:build:done': async ({ dir }) => {
        try {
          await writeIndex(fileURLToPath(dir));
        } finally {
          await close();
        }
      },
    },
  };
}

/** Indexes the pages below a folder into its `pagefind/`. Throws with what Pagefind complains about. */
export async function writeIndex(site: string): Promise<void> {
  const { index, errors } = await createIndex();
  if (!index) throw new Error(`Pagefind does not start: ${errors.join('; ')}`);
  const files = await filesOf(index, site);
  const folder = join(site, 'pagefind');
  await rm(folder, { recursive: true, force: true });
  for (const { path, content } of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}

async function filesOf(index: PagefindIndex, site: string) {
  const added = await index.addDirectory({ path: site });
  const { files, errors } = await index.getFiles();
  const complaints = [...added.errors, ...errors];
  if (complaints.length > 0) throw new Error(`Pagefind: ${complaints.join('; ')}`);
  return files;
}
