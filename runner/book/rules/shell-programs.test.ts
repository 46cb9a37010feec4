import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { compileChapter } from '../chapter.ts';
import { sortFindings } from '../finding.ts';
import { brief, fence, step } from '../testing/books.ts';
import { stepTexts } from './rule.ts';
import { SHELLCHECK_MISSING, shellPrograms } from './shell-programs.ts';

const texts = (...sources: string[]) => stepTexts([compileChapter(sources.join('\n'), 'c.mdx')]);
const hasShellcheck = (() => {
  try {
    return execFileSync('shellcheck', ['--version']).length > 0;
  } catch {
    return false;
  }
})();

test('shell-syntax: what bash cannot read, at its line, checks too', async () => {
  const sources = [
    step('fine', 'if true; then\n  true\nfi'),
    step('open', 'echo ok\nif true; then\n  true'),
    step('quote', 'echo ok\necho "a'),
    fence('step="check" on="first"', 'true') + fence('check="check"', 'done'),
    step('document', 'cat <<EOF\na'),
  ];
  const { findings } = await shellPrograms(texts(...sources), '/nowhere/shellcheck');
  assert.deepEqual(
    brief(findings).map(line => line.replace('c.mdx:', '')),
    [
      '14:1 shell-syntax: bash cannot read the text of `open`',
      '23:1 shell-syntax: bash cannot read the text of `quote`',
      '34:1 shell-syntax: bash cannot read the check of `check`',
      '39:1 shell-syntax: bash cannot read the text of `document`',
    ],
  );
});

test('shellcheck: a program that is missing is said once, with how to install it', async () => {
  const result = await shellPrograms(texts(step('a', 'x'), step('b', 'y')), '/nowhere/shellcheck');
  assert.deepEqual(result, { findings: [], notice: SHELLCHECK_MISSING });
  assert.match(SHELLCHECK_MISSING, /apt-get install shellcheck/);
});

const needsShellcheck = { skip: hasShellcheck ? false : 'shellcheck is not installed' };

test('shellcheck: warnings at their line and column', needsShellcheck, async () => {
  const sources = [
    step('a', 'x=1\necho "$y"\nfor i in "$@"; do true; done'),
    '- item\n\n  ```sh show="b" on="first"\n  true\n  echo $(ls) "$z"\n  ```\n',
  ];
  const { findings } = await shellPrograms(texts(...sources));
  assert.deepEqual(
    brief(sortFindings(findings)).map(line => line.replace('c.mdx:', '')),
    [
      '2:1 shellcheck: SC2034 in the text of `a`',
      '3:7 shellcheck: SC2154 in the text of `a`',
      '4:1 shellcheck: SC2034 in the text of `a`',
      '15:8 shellcheck: SC2046 in the text of `b`',
      '15:15 shellcheck: SC2154 in the text of `b`',
    ],
  );
});

test(
  "shellcheck: the plan's variables are defined, and a step ends at its first failure",
  needsShellcheck,
  async () => {
    const { findings } = await shellPrograms(texts(step('a', 'cd "$KFS_HOME"\nls "$KFS_ANYTHING"')));
    assert.deepEqual(findings, []);
  },
);

test('shellcheck: one text that it cannot read does not hide the others', needsShellcheck, async () => {
  const { findings } = await shellPrograms(texts(step('a', 'echo "'), step('b', 'echo "$y"')));
  assert.deepEqual(
    findings.map(({ rule, place }) => `${place.line} ${rule}`),
    ['2 shell-syntax', '10 shellcheck'],
  );
});
