import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatFinding } from './finding.ts';
import { lintBook } from './lint.ts';
import { bookFolder, fence, step } from './testing/books.ts';

const options = { variables: [{ name: 'KFS_CLUSTER' }], shellcheck: '/nowhere/shellcheck' };

test('a sound book has no findings', async context => {
  const dir = bookFolder(context, {
    'content/book.yaml':
      'title: B\nparts:\n  - { slug: one, title: One, chapters: [{ slug: a, title: A }] }\n  - { slug: appendices, title: End, chapters: [{ slug: glossary, title: Glossary }] }\n',
    'content/glossary.yaml': 'quorum: A majority.\nFirst boot: Once.\n',
    'content/docs/one/a.mdx': `---\ntitle: A\ndescription: d\n---\n\n## Go\n\n[x](/progress/) [y](/appendices/glossary/#first-boot) [z](/file.txt) [w](#go)\n\n${step('go', 'echo "$KFS_CLUSTER"')}`,
    'content/docs/appendices/glossary.mdx': '---\ntitle: Glossary\ndescription: d\n---\n\nx\n',
    'pages/progress.astro': '',
    'public/file.txt': '',
  });
  const { findings, chapters, steps, notices } = await lintBook(dir, options);
  assert.deepEqual([findings.map(formatFinding), chapters, steps, notices.length], [[], 2, 1, 1]);
});

test('every rule is asked, and findings come in the order of the pages', async context => {
  const text = `set -e \nexit\nif\n\techo $KFS_WRONG >/etc/x\n./hidden\ncat a.key`;
  const dir = bookFolder(context, {
    'one/a.mdx': `# Title\r\n\n[x](/nowhere/)\n\n${step('go', text)}\n${fence('show="go" on="nowhere"', '')}\n${step('plug', 'x', 'on="first" hands="1m"')}`,
  });
  const { findings } = await lintBook(dir, options);
  assert.deepEqual(
    findings.map(({ rule, place }) => `${place.file}:${place.line} ${rule}`),
    [
      'one/a.mdx:1 frontmatter',
      'one/a.mdx:1 heading',
      'one/a.mdx:1 crlf',
      'one/a.mdx:3 link',
      'one/a.mdx:6 exit-or-set',
      'one/a.mdx:6 trailing-blanks',
      'one/a.mdx:7 exit-or-set',
      'one/a.mdx:9 tab',
      'one/a.mdx:9 variable',
      'one/a.mdx:9 file-form',
      'one/a.mdx:10 black-box',
      'one/a.mdx:11 secret',
      'one/a.mdx:11 shell-syntax',
      'one/a.mdx:18 fence',
      'one/a.mdx:18 step-duplicate',
      'one/a.mdx:18 place',
      'one/a.mdx:23 hands',
    ],
  );
  assert.equal(
    formatFinding(findings[6]!),
    'one/a.mdx:7:1: `exit` in a step; it would close the shell of a reader who pastes; let a command fail instead, or use a subshell ( … ) [exit-or-set]',
  );
});
