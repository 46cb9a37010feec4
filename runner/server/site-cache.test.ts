import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { prepareSite } from './site-cache.ts';

function fixture() {
  const dir = mkdtempSync(join(tmpdir(), 'kfs-site-'));
  const checkout = join(dir, 'checkout');
  const book = join(dir, 'book');
  mkdirSync(join(checkout, 'styles'), { recursive: true });
  mkdirSync(join(book, 'content'), { recursive: true });
  writeFileSync(join(book, 'content', 'a.mdx'), 'one');
  writeFileSync(join(checkout, 'styles', 'a.css'), 'one');
  const builds: string[] = [];
  const build = async (_book: string, out: string) => {
    builds.push(out);
    mkdirSync(out);
    writeFileSync(join(out, 'index.html'), '<script>1</script>');
  };
  const sources = { checkout, book, cache: join(dir, 'cache'), build };
  return { dir, sources, builds, [Symbol.dispose]: () => rmSync(dir, { recursive: true }) };
}

test('the site is built once, and again when a chapter or a style changes', async () => {
  using site = fixture();
  const first = await prepareSite(site.sources);
  assert.match(first.scripts[0] ?? '', /^'sha256-/);
  assert.deepEqual(await prepareSite(site.sources), first);
  assert.equal(site.builds.length, 1);
  writeFileSync(join(site.sources.book, 'content', 'a.mdx'), 'two');
  assert.notEqual((await prepareSite(site.sources)).folder, first.folder);
  writeFileSync(join(site.sources.checkout, 'styles', 'a.css'), 'two');
  await prepareSite(site.sources);
  assert.equal(site.builds.length, 3);
});

test('going back to an earlier text builds nothing', async () => {
  using site = fixture();
  const first = await prepareSite(site.sources);
  writeFileSync(join(site.sources.book, 'content', 'a.mdx'), 'two');
  await prepareSite(site.sources);
  writeFileSync(join(site.sources.book, 'content', 'a.mdx'), 'one');
  assert.deepEqual(await prepareSite(site.sources), first);
  assert.equal(site.builds.length, 2);
});

test('a build that was cut short is done again, and old ones are forgotten', async () => {
  using site = fixture();
  const broken = { ...site.sources, build: () => Promise.reject(new Error('cut short')) };
  await assert.rejects(prepareSite(broken), /cut short/);
  await prepareSite(site.sources);
  for (const text of ['2', '3', '4', '5']) {
    writeFileSync(join(site.sources.book, 'content', 'a.mdx'), text);
    await prepareSite(site.sources);
  }
  assert.equal(readdirSync(site.sources.cache).length, 3);
});
