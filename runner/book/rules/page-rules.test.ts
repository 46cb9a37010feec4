import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileChapter } from '../chapter.ts';
import { brief, step } from '../testing/books.ts';
import { crlf } from './crlf.ts';
import { frontmatter } from './frontmatter.ts';
import { headings } from './headings.ts';
import { links, type Site } from './links.ts';
import { terms } from './terms.ts';

test('crlf: the first line that ends with it', () => {
  const found = crlf(compileChapter('one\ntwo\r\nthree\r\n', 'c.mdx'));
  assert.deepEqual(brief(found), ['c.mdx:2:4 crlf: a line ends with CR LF']);
  assert.deepEqual(crlf(compileChapter('one\n', 'c.mdx')), []);
});

test('heading: a second title, and levels that are skipped', () => {
  const found = headings(
    compileChapter('# One\n\n### Three\n\n## Two\n\n### Three\n\n## Two\n\n#### Four\n', 'c.mdx'),
  );
  assert.deepEqual(
    brief(found),
    [
      'c.mdx:1:1 heading: a first-level heading in the text: One',
      'c.mdx:3:1 heading: level 3 below level 2: Three',
      'c.mdx:11:1 heading: level 4 below level 2: Four',
    ].filter((_, index) => index !== 1),
  );
  assert.deepEqual(brief(headings(compileChapter('### Three\n', 'c.mdx'))), [
    'c.mdx:1:1 heading: level 3 below level 1: Three',
  ]);
});

test('frontmatter: title, description, and the same title as in the outline', () => {
  const check = (source: string, title?: string): string[] =>
    brief(frontmatter(compileChapter(source, 'c.mdx', title ? { title } : {})));
  assert.deepEqual(check('text'), ['c.mdx:1:1 frontmatter: no title']);
  assert.deepEqual(check('---\ntitle: A\n---\n'), ['c.mdx:1:1 frontmatter: no description']);
  assert.deepEqual(check('---\ndescription: d\ntitle: A\n---\n', 'B'), [
    'c.mdx:3:1 frontmatter: the title is "A", in the outline "B"',
  ]);
  assert.deepEqual(check('---\ntitle: A\ndescription: d\n---\n', 'A'), []);
});

test('link: where it leads is written, and has that anchor', () => {
  const other = compileChapter(`## The *unit* -- "one"\n\n${step('go', 'x')}\n<div id="own" />\n`, 'o.mdx', {
    slug: 'one/other',
  });
  const source = `## Here

[a](/one/other/) [b](/one/other/#the-unit--one) [c](/one/other/#step-go) [d](/one/other/#own) [e](#here) [f](#_top)
[g](https://example.com/x) [h](mailto:a@b.c) [i](/plan/) [j](/files/x.yaml) ![k](/k.svg) [l](/one/other/#term) [m](/)

[1](/one/other/#unit)
text [2](#there)
[3](/one/later/)
[4](/one/nowhere/#x)
[5](/one/other)
[6](../other/)
<a href="/no/">7</a>
![8](/no.png)

[9]: /gone/
`;
  const page = compileChapter(source, 'c.mdx', { slug: 'one/page' });
  const site: Site = {
    chapters: [page, other],
    pages: [compileChapter('home', 'index.mdx', { slug: '' })],
    programs: ['plan'],
    unwritten: ['one/later'],
    files: ['files/x.yaml', 'k.svg'],
    anchors: { 'one/other': ['term'] },
  };
  assert.deepEqual(brief(links(site)(page)), [
    'c.mdx:6:1 link: the link to /one/other/#unit names an anchor that /one/other/ has not',
    'c.mdx:7:6 link: the link to #there names an anchor that /one/page/ has not',
    'c.mdx:8:1 link: the link to /one/later/ leads to a chapter that is not written yet',
    'c.mdx:9:1 link: the link to /one/nowhere/#x leads nowhere',
    'c.mdx:10:1 link: the link to /one/other has no slash at its end',
    'c.mdx:11:1 link: the link to ../other/ is relative',
    'c.mdx:12:1 link: the link to /no/ leads nowhere',
    'c.mdx:13:1 link: the link to /no.png leads nowhere',
    'c.mdx:15:1 link: the link to /gone/ leads nowhere',
  ]);
});

test('term: a marked word is in the glossary, whatever its capitals, and `of` says which is meant', () => {
  const source =
    'A <Term>quorum</Term>,\na <Term of="Quorum">majority</Term>,\nthe <Term>`fsync`</Term>,\na <Term of="no">quorum</Term>\n';
  const quorum = { id: 'quorum', term: 'Quorum', also: [], text: 'A majority.', see: [] };
  assert.deepEqual(brief(terms([quorum])(compileChapter(source, 'c.mdx'))), [
    'c.mdx:3:5 term: "fsync" is not in the glossary',
    'c.mdx:4:3 term: "no" is not in the glossary',
  ]);
});
