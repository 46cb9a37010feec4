import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { changedParts } from './layout.ts';
import { testFolder } from './testing/folder.ts';

/** An image of one layer; returns the names of its parts. */
function layout(folder: string): Record<'layer' | 'config' | 'manifest', string> {
  mkdirSync(join(folder, 'blobs', 'sha256'), { recursive: true });
  const blob = (text: string): string => {
    const hex = createHash('sha256').update(text).digest('hex');
    writeFileSync(join(folder, 'blobs', 'sha256', hex), text);
    return hex;
  };
  const of = (hex: string) => ({ digest: `sha256:${hex}` });
  const [layer, config] = [blob('files'), blob('{}')];
  const manifest = blob(JSON.stringify({ config: of(config), layers: [of(layer)] }));
  writeFileSync(join(folder, 'index.json'), JSON.stringify({ manifests: [of(manifest)] }));
  const path = (hex: string) => join('blobs', 'sha256', hex);
  return { layer: path(layer), config: path(config), manifest: path(manifest) };
}

test('a layout tells which of its parts changed or went away', async t => {
  const folder = testFolder(t);
  const parts = layout(folder);
  assert.deepEqual(await changedParts(folder), []);
  appendFileSync(join(folder, parts.layer), 'x');
  rmSync(join(folder, parts.config));
  assert.deepEqual(await changedParts(folder), [parts.config, parts.layer]);
  appendFileSync(join(folder, parts.manifest), 'x');
  assert.deepEqual(await changedParts(folder), [parts.manifest]);
  for (const text of ['', '{}', '{"manifests": []}']) {
    writeFileSync(join(folder, 'index.json'), text);
    assert.deepEqual(await changedParts(folder), ['index.json']);
  }
});
