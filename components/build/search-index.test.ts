import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { close } from 'pagefind';
import { writeIndex } from './search-index.ts';

const site = mkdtempSync(join(tmpdir(), 'kfs-search-'));
after(async () => {
  await close();
  rmSync(site, { recursive: true, force: true });
});

test('each file of the search index has contents, whatever was there before', async () => {
  writeFileSync(join(site, 'index.html'), '<html lang="en"><body><p>A quorum of etcd.</p></body></html>');
  mkdirSync(join(site, 'pagefind'));
  writeFileSync(join(site, 'pagefind', 'pagefind-entry.json'), '');
  await writeIndex(site);
  const folder = join(site, 'pagefind');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(file =>
    statSync(join(folder, file)).isFile(),
  );
  assert.ok(files.length > 5);
  assert.deepEqual(
    files.filter(file => statSync(join(folder, file)).size === 0),
    [],
  );
  const entry = JSON.parse(readFileSync(join(folder, 'pagefind-entry.json'), 'utf8'));
  assert.equal(entry.languages.en.page_count, 1);
});
