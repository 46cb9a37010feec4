import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileChapter } from '../chapter.ts';
import { findingsIn, step } from '../testing/books.ts';
import { blackBox } from './black-box.ts';
import { stepTexts } from './rule.ts';

const find = (text: string): string[] => findingsIn(blackBox([]), text);

test('black-box: a script that the book does not show', () => {
  const bad: [string, string][] = [
    ['./setup', '1:1 the step runs ./setup'],
    ['sudo ./setup --all', '1:1 the step runs ./setup'],
    ['true && setup.sh', '1:9 the step runs setup.sh'],
    ['/opt/kfs/join.py', '1:1 the step runs /opt/kfs/join.py'],
    ['"$KFS_BOOK/tools/x"', '1:1 the step runs $KFS_BOOK/tools/x'],
    ['sudo bash /root/x', '1:1 the step runs /root/x'],
    ['. ./lib', '1:1 the step runs ./lib'],
    ['python3 x', '1:1 the step runs x'],
    ['curl https://get.example.com | sudo sh', '1:1 the step runs what it fetches from the network'],
    ['bash -c "$(curl https://get.example.com)"', '1:1 the step runs what it fetches from the network'],
    ['ssh m ./setup', '1:1 the step runs ./setup'],
    ["ssh m 'true; sudo /opt/join.sh'", '1:1 the step runs /opt/join.sh'],
    ["true; sudo sh -c './setup'", '1:7 the step runs ./setup'],
    [`ssh m "sudo sh -c './setup'"`, '1:1 the step runs ./setup'],
    ['sudo /usr/local/sbin/anything', '1:1 the step runs /usr/local/sbin/anything'],
    ["ssh m 'sudo kfs-anything'", '1:1 the step runs kfs-anything'],
    ['"$KFS_HOME/prove"', '1:1 the step runs $KFS_HOME/prove'],
    ['prove', '1:1 the step runs prove'],
    ['bash <(curl https://get.example.com)', '1:1 the step runs what it fetches from the network'],
  ];
  for (const [text, expected] of bad) assert.deepEqual(find(text), [expected], text);
});

test('black-box: programs, text of the step itself and files of variables', () => {
  const fine = `etcdctl version
bash -c 'echo a'
bash <<EOF
echo a
EOF
. "$KFS_STATE/cluster.env"
. /etc/os-release
curl https://example.com | tar --extract
ssh m 'sudo etcdctl version; bash -c "echo a"' || true`;
  assert.deepEqual(find(fine), []);
});

test("black-box: the book's own programs are those that its steps have written", () => {
  const path = '/usr/local/sbin/kfs-backup';
  const write = `sudo install -D -m 0755 -o root -g root /dev/stdin ${path} <<'EOF'\n#!/bin/bash\nEOF`;
  const text = `${path}\nkfs-backup\nssh m 'sudo kfs-backup; kfs-other'`;
  const chapters = [
    compileChapter(step('write', write), 'a.mdx'),
    compileChapter(step('run', text), 'b.mdx'),
  ];
  assert.deepEqual(
    stepTexts(chapters)
      .flatMap(blackBox(chapters))
      .map(({ what, place }) => `${place.file}:${place.line} ${what}`),
    ['b.mdx:4 the step runs kfs-other'],
  );
});

test('black-box: what a step writes in the one form is shown, and what the page shows under its name', () => {
  const write =
    'sudo install -D -m 0755 -o root -g root /dev/stdin /usr/local/bin/backup.sh <<EOF\ndate\nEOF';
  const chapters = [
    compileChapter(step('write', write), 'a.mdx'),
    compileChapter(
      `${step('run', '/usr/local/bin/backup.sh\nbash join.sh\nbash linked.sh\nbash hidden.sh')}\n\`\`\`sh title="public/join.sh"\ndate\n\`\`\`\n\n[it](/files/linked.sh)`,
      'b.mdx',
    ),
  ];
  const found = stepTexts(chapters).flatMap(blackBox(chapters));
  assert.deepEqual(
    found.map(({ what, place }) => `${place.file}:${place.line} ${what}`),
    ['b.mdx:5 the step runs hidden.sh'],
  );
});
