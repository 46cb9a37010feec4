import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { buildSite } from './build.ts';
import { inTurn } from './build-turn.ts';

const folder = mkdtempSync(join(tmpdir(), 'kfs-build-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function bookOf(name: string, chapter: string): string {
  const docs = join(folder, name, 'content', 'docs', 'part');
  mkdirSync(docs, { recursive: true });
  writeFileSync(join(docs, '01-chapter.mdx'), chapter);
  return join(folder, name);
}
const page = (text: string): string => `---\ntitle: A chapter\n---\n\n${text}\n`;
const html = (out: string): string => readFileSync(join(out, 'part', 'chapter', 'index.html'), 'utf8');

test('books that are built at the same time do not meet, and each replaces its own site', async () => {
  const names = ['one', 'two'];
  const outs = names.map(name => join(folder, `${name}-site`));
  await Promise.all(
    names.map((name, i) =>
      buildSite({ book: bookOf(name, page(`Text of ${name}.`)), base: 'sub', out: outs[i] as string }),
    ),
  );
  for (const [i, name] of names.entries())
    assert.match(html(outs[i] as string), new RegExp(`Text of ${name}\\.`));
  await buildSite({ book: bookOf('one', page('Another text.')), base: '/', out: outs[0] as string });
  assert.match(html(outs[0] as string), /Another text\./);
  assert.ok(existsSync(join(outs[0] as string, 'index.html')), 'a book without a start page gets one');
});

test('a folder that is no site is not replaced', async () => {
  const out = join(folder, 'documents');
  mkdirSync(out);
  writeFileSync(join(out, 'letter.txt'), 'dear');
  const refused = buildSite({ book: bookOf('three', page('x')), base: '/', out });
  await assert.rejects(refused, { code: 'refused' });
  assert.equal(readFileSync(join(out, 'letter.txt'), 'utf8'), 'dear');
});

test('a chapter that does not compile leaves the site that was there', async () => {
  const out = join(folder, 'kept');
  await buildSite({ book: bookOf('four', page('It works.')), base: '/', out });
  const broken = bookOf('four', page('```sh step="x" on="nowhere"\ntrue\n```'));
  await assert.rejects(buildSite({ book: broken, base: '/', out }), {
    code: 'book-invalid',
    message: /01-chapter\.mdx:5:16: .*unknown role/,
  });
  assert.match(html(out), /It works\./);
});

test('a turn that a dead process holds is taken over', async () => {
  const file = join(folder, 'turn');
  writeFileSync(file, '4194304');
  assert.equal(await inTurn(file, async () => 'done'), 'done');
  assert.equal(existsSync(file), false);
});
