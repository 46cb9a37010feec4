import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { mdxToJs } from 'satteri';
import { findTerm } from '../../runner/book/glossary.ts';
import { glossaryOf } from './glossary.ts';
import { normalBase, siteSettings } from './settings.ts';
import { termsPlugin } from './terms.ts';

const folder = mkdtempSync(join(tmpdir(), 'kfs-glossary-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function bookWith(yaml: string) {
  mkdirSync(join(folder, 'content', 'docs'), { recursive: true });
  writeFileSync(join(folder, 'content', 'glossary.yaml'), yaml);
  return siteSettings({ KFS_SITE_BOOK: folder });
}
const YAML =
  'Quorum:\n  also: [majority]\n  text: More than half, as `etcdctl` counts.\n  see: [Member]\nMember: One of them.\n';
const compile = (text: string): string =>
  mdxToJs(text, { mdastPlugins: [termsPlugin(glossaryOf(bookWith(YAML)))] }).code;

test('a term is found by its name and its other spellings, in any capitals', () => {
  const glossary = glossaryOf(bookWith(YAML));
  assert.deepEqual(
    glossary.map(term => term.id),
    ['member', 'quorum'],
  );
  for (const name of ['Quorum', 'quorum', 'Majority']) assert.equal(findTerm(glossary, name)?.id, 'quorum');
  assert.equal(findTerm(glossary, 'minority'), undefined);
});

test('a reference to a term that is not there is an error', () => {
  assert.throws(() => glossaryOf(bookWith('Quorum:\n  text: x\n  see: [Nobody]\n')), /Quorum.*nobody/);
});

test('a term in the text becomes a link with its definition, under the words of the text', () => {
  const code = compile('With a <Term of="quorum">sufficient number</Term> of them.');
  assert.match(code, /appendices\/glossary\/#quorum/);
  assert.match(code, /sufficient number/);
  assert.match(code, /More than half, as /);
  assert.match(code, /tooltip/);
});

test('a term that the glossary does not have stops the build and names the line', () => {
  assert.throws(() => compile('One.\n\nA <Term>wombat</Term>.'), /:3: "wombat" is not in the glossary/);
});

test('a base path is written in any way', () => {
  for (const written of ['book', '/book', 'book/', '/book/', '//book//'])
    assert.equal(normalBase(written), '/book/');
  for (const written of ['', '/', undefined]) assert.equal(normalBase(written), '/');
  assert.equal(normalBase('/a/b'), '/a/b/');
});
