import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileChapter } from '../chapter.ts';
import { brief, findingsIn } from '../testing/books.ts';
import { earlyEnd } from './early-end.ts';
import { exitOrSet } from './exit-or-set.ts';
import { hands } from './hands.ts';
import { stepTexts } from './rule.ts';
import { tabs } from './tabs.ts';
import { trailingBlanks } from './trailing-blanks.ts';
import { variables } from './variables.ts';

test('trailing-blanks: blanks at the end of a line, and empty lines at the edge', () => {
  assert.deepEqual(findingsIn(trailingBlanks, 'a \nb\nc\t '), [
    '1:2 blanks at the end of a line',
    '3:2 blanks at the end of a line',
  ]);
  assert.deepEqual(findingsIn(trailingBlanks, '\na\n\nb\n'), [
    '1:1 an empty line at the edge of a step',
    '5:1 an empty line at the edge of a step',
  ]);
  assert.deepEqual(findingsIn(trailingBlanks, 'a\n\nb'), []);
});

test('tab: the first one of each line', () => {
  assert.deepEqual(findingsIn(tabs, 'a\tb\tc\nd\n\te'), ['1:2 a tab', '3:1 a tab']);
  assert.deepEqual(findingsIn(tabs, "printf 'a\\tb'"), []);
});

test('a rule sees checks too, and places count within lists as an editor does', () => {
  const source =
    '- x\n\n  ```sh step="a" on="first"\n  true\n  ```\n\n  ```sh check="a"\n  true\n  a\tb\n  ```\n';
  const found = stepTexts([compileChapter(source, 'c.mdx')]).flatMap(tabs);
  assert.deepEqual(brief(found), ['c.mdx:9:4 tab: a tab']);
});

test("exit-or-set: what ends or changes the reader's shell", () => {
  assert.deepEqual(
    findingsIn(exitOrSet, 'set -e\ntest -f x || exit 1\nif true; then exit; fi\n{ logout; }\nshopt -s x'),
    [
      '1:1 `set` in a step',
      '2:14 `exit` in a step',
      '3:15 `exit` in a step',
      '4:3 `logout` in a step',
      '5:1 `shopt` in a step',
    ],
  );
  assert.deepEqual(findingsIn(exitOrSet, 'f() { exit 1; }\nreturn'), [
    '1:7 `exit` in a step',
    '2:1 `return` in a step',
  ]);
});

test('exit-or-set: a subshell, a substitution, a quoted script and a word are harmless', () => {
  const fine = `( exit 1 ) || true
x=$(set +e; exit 0)
ssh m 'set -e; exit 1'
f() { return 1; }
echo exit set
cat <<EOF
exit
EOF`;
  assert.deepEqual(findingsIn(exitOrSet, fine), []);
});

const known = variables([
  { name: 'KFS_CLUSTER', scope: 'cluster' },
  { name: 'KFS_MACHINE', scope: 'machine' },
  { name: 'KFS_PKI', scope: 'workstation' },
  { name: 'KFS_ANY' },
]);

test('variable: what the plan does not define', () => {
  const text = 'echo "$KFS_CLUSTER ${' + 'KFS_CLUSTR} $KFS_ANY"\necho $KFS_CLUSTR $KFS_OTHER';
  assert.deepEqual(findingsIn(known, text), [
    '1:20 `$KFS_CLUSTR` is not defined by the plan',
    '2:18 `$KFS_OTHER` is not defined by the plan',
  ]);
});

test('variable: what is defined, but not there', () => {
  assert.deepEqual(findingsIn(known, 'ls "$KFS_PKI"'), ['1:5 `$KFS_PKI` on a machine']);
  assert.deepEqual(findingsIn(known, 'ls "$KFS_MACHINE"', 'on="workstation"'), [
    '1:5 `$KFS_MACHINE` on the workstation, for no machine',
  ]);
  assert.deepEqual(findingsIn(known, 'ls "$KFS_MACHINE" "$KFS_PKI"', 'on="workstation" for="all"'), []);
  assert.deepEqual(findingsIn(known, 'ls "$KFS_MACHINE"', 'on="all"'), []);
});

test('variable-remote: a variable that would expand on the machine, where nothing sets it', () => {
  const found = findingsIn(known, `ssh m 'echo $KFS_CLUSTER'\nssh m "echo $KFS_CLUSTER" 'ls'`);
  assert.deepEqual(found, ['1:7 a variable of the plan in single quotes, for ssh']);
});

test('hands: a command in what a person does', () => {
  assert.deepEqual(findingsIn(hands, '# Press the button.\n\nsudo reboot', 'on="first" hands="1m"'), [
    '3:1 a command in `s`, which a person does by hand',
  ]);
  assert.deepEqual(findingsIn(hands, '# Press the button.\n  # Now.', 'on="first" hands="1m"'), []);
  assert.deepEqual(findingsIn(hands, 'sudo reboot'), []);
});

test('early-end: what stops reading behind a pipe, in substitutions too; at the front it may', () => {
  assert.deepEqual(findingsIn(earlyEnd, 'a | head --lines=6\nx=$(a | grep -q b)\na | sed 3q'), [
    '1:5 `head` stops reading before the command in front of it has written all',
    '2:9 `grep` stops reading before the command in front of it has written all',
    '3:5 `sed` stops reading before the command in front of it has written all',
  ]);
  const good = 'head --lines=1 file | cat\ngrep -q b file\na | sed --quiet 1,6p\na | grep --fixed-strings b';
  assert.deepEqual(findingsIn(earlyEnd, good), []);
});
