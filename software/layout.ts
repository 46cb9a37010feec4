/** An OCI layout on disk: whether it is as it was made, which its own names say. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from './sums.ts';

interface Descriptor {
  /** `sha256:<hex>`: its name in `blobs/`. */
  digest: string;
}

/**
 * Parts of a layout that are missing or not what their digest says, by path in it. Every part but `index.json` is
 * named by a digest; that one must lead to all the others.
 */
export async function changedParts(layout: string): Promise<string[]> {
  const wrong: string[] = [];
  const good = async ({ digest }: Descriptor): Promise<string | undefined> => {
    const path = join('blobs', ...digest.split(':'));
    const hex = await sha256(join(layout, path)).catch(() => undefined);
    if (`sha256:${hex}` === digest) return join(layout, path);
    wrong.push(path);
  };
  const index = await json<{ manifests: Descriptor[] }>(join(layout, 'index.json')).catch(() => undefined);
  if (!index?.manifests?.length) return ['index.json'];
  for (const descriptor of index.manifests) {
    const file = await good(descriptor);
    if (!file) continue;
    const { config, layers } = await json<{ config: Descriptor; layers: Descriptor[] }>(file);
    for (const part of [config, ...layers]) await good(part);
  }
  return wrong;
}

const json = async <T>(file: string): Promise<T> => JSON.parse(await readFile(file, 'utf8')) as T;
