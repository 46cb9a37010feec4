import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KfsError } from '../errors.ts';
import { PLACES as PLAN_PLACES } from '../plan/plan.ts';
import { PLACES } from './attributes.ts';
import { compileBook, findStep, readBook, readOutline, stepById } from './compile.ts';
import { BookError } from './finding.ts';
import { bookFolder, brief, fence, step } from './testing/books.ts';

const page = (title: string, text: string): string =>
  `---\ntitle: ${title}\ndescription: d\n---\n\n${text}\n`;
const YAML = `title: Book
parts:
  - slug: one
    title: First part
    chapters:
      - { slug: b, title: B }
      - { slug: later, title: Later }
      - { slug: a, title: A }
  - slug: end
    title: Appendices
    numbered: false
    chapters:
      - { slug: z, title: Z }
`;

test('a book with an outline has its order, titles and numbers', async context => {
  const dir = bookFolder(context, {
    'content/book.yaml': YAML,
    'content/docs/index.mdx': page('Home', 'x'),
    'content/docs/one/01-a.mdx': page('A', fence('gate="ga" on="first"', 'true')),
    'content/docs/one/07-b.mdx': page('B', fence('gate="gb" on="first"', 'true')),
    'content/docs/one/_draft.mdx': page('Draft', fence('gate="ga" on="first"', 'true')),
    'content/docs/end/z.md': page('Z', 'x'),
  });
  const manifest = await compileBook(dir);
  assert.deepEqual(manifest.parts, [
    { slug: 'one', title: 'First part', chapters: ['one/b', 'one/a'] },
    { slug: 'end', title: 'Appendices', chapters: ['end/z'] },
  ]);
  assert.deepEqual(
    manifest.chapters.map(({ slug, number, title, part, file }) => [slug, number, title, part, file]),
    [
      ['one/b', '1.1', 'B', 'one', 'content/docs/one/07-b.mdx'],
      ['one/a', '1.3', 'A', 'one', 'content/docs/one/01-a.mdx'],
      ['end/z', '', 'Z', 'end', 'content/docs/end/z.md'],
    ],
  );
  assert.deepEqual(
    manifest.steps.map(one => one.id),
    ['gb', 'ga'],
  );
  const { outline } = await readOutline(dir);
  assert.deepEqual(
    outline.parts[0]?.chapters.map(({ slug, file }) => [slug, file !== undefined]),
    [
      ['one/b', true],
      ['one/later', false],
      ['one/a', true],
    ],
  );
});

test('a folder without an outline is read by name, be it content/docs or the chapters themselves', async context => {
  const files = {
    '02-two/01-b.mdx': page('B', fence('gate="gb" on="first"', 'true')),
    '01-one/02-a.mdx': page('A', ''),
    '01-one/01-z.mdx': page('Z', ''),
    'top.mdx': page('Top', ''),
  };
  const bare = await compileBook(bookFolder(context, files));
  const whole = await compileBook(
    bookFolder(
      context,
      Object.fromEntries(Object.entries(files).map(([path, text]) => [`content/docs/${path}`, text])),
    ),
  );
  const slugs = ['one/z', 'one/a', 'two/b', 'top'];
  for (const manifest of [bare, whole])
    assert.deepEqual(
      manifest.chapters.map(chapter => chapter.slug),
      slugs,
    );
  assert.equal(bare.steps[0]?.place.file, '02-two/01-b.mdx');
  assert.equal(whole.steps[0]?.place.file, 'content/docs/02-two/01-b.mdx');
});

test('every problem of a book is in one error, in reading order', async context => {
  const dir = bookFolder(context, {
    'one/1.mdx': page('One', `${step('a', 'x')}\n${fence('step="b" on="first"', 'x')}`),
    'one/2.mdx': page('Two', `${step('a', 'x')}\n${step('c', 'x', 'on="first" needs="nothing"')}`),
    'one/3.mdx': page('Three', '<'),
  });
  const error = await compileBook(dir).catch((thrown: unknown) => thrown);
  assert.ok(error instanceof BookError && error instanceof KfsError);
  assert.equal(error.code, 'book-invalid');
  assert.deepEqual(brief(error.findings), [
    'one/1.mdx:14:1 step-check: step `b` has no check',
    'one/2.mdx:6:1 step-duplicate: `a` is used at one/1.mdx:6:1 already',
    'one/2.mdx:14:1 needs: `c` needs `nothing`, which does not exist',
    'one/3.mdx:6:1 syntax: the chapter is not valid MDX',
  ]);
  for (const finding of error.findings.slice(1))
    assert.match(error.message, new RegExp(finding.what.slice(0, 10)));
  assert.equal((await readBook(dir)).manifest.steps.length, 4);
});

test('an outline is held to what is there', async context => {
  const dir = bookFolder(context, {
    'content/book.yaml': YAML,
    'content/docs/index.mdx': page('Home', step('home', 'x')),
    'content/docs/one/lost.mdx': page('Lost', ''),
  });
  assert.deepEqual(brief((await readBook(dir)).findings), [
    'content/docs/one/lost.mdx:1:1 outline: the chapter is not in the outline',
    'content/docs/index.mdx:6:1 outline: step `home` on a page that is no chapter',
  ]);
  const broken = bookFolder(context, {
    'content/book.yaml': 'parts: [',
    'content/docs/a.mdx': page('A', ''),
  });
  assert.deepEqual(brief((await readBook(broken)).findings), [
    'content/book.yaml:1:9 outline: the outline is not YAML',
  ]);
});

test('an id that is the name of a part is refused', async context => {
  const dir = bookFolder(context, { 'one/1.mdx': page('One', step('one', 'x')) });
  assert.deepEqual(brief((await readBook(dir)).findings), [
    'one/1.mdx:6:1 step-duplicate: `one` is the name of a part',
  ]);
});

test('a folder that is not there says so', async () => {
  await assert.rejects(compileBook('/nowhere/at/all'), {
    code: 'book-invalid',
    message: /There is no book in/,
  });
});

test('a step is found by its id', async context => {
  const manifest = await compileBook(bookFolder(context, { 'one/1.mdx': page('One', step('a', 'x')) }));
  assert.equal(stepById(manifest, 'a').id, 'a');
  assert.equal(findStep(manifest, 'b'), undefined);
  assert.throws(() => stepById(manifest, 'b'), { code: 'step-unknown' });
});

test("the book's places are the plan's", () => assert.deepEqual(PLACES, [...PLAN_PLACES]));
