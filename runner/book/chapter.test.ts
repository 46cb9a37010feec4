import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileChapter } from './chapter.ts';
import { brief, fence, step } from './testing/books.ts';

const compile = (source: string) => compileChapter(source, 'content/docs/one/02-etcd.mdx');
const findings = (source: string): string[] =>
  brief(compile(source).findings).map(line => line.replace('content/docs/one/02-etcd.mdx:', ''));

test('a step gets all that its fence says, and defaults for the rest', () => {
  const source = `---
title: etcd
description: The memory.
---

## Start *it*

\`\`\`sh step="etcd-start" on="workstation" for='etcd' needs="a b" timeout="2m" settle=30s reboots destroys="the disk" hands="90s" either="way" notrun
echo $KFS_MACHINE \${KFS_CLUSTER}
\`\`\`

\`\`\`sh check="etcd-start"
test $KFS_ADDRESS
\`\`\`

\`\`\`sh gate="plain" on="first"
true
\`\`\`
`;
  const { chapter, steps, findings: none } = compile(source);
  assert.deepEqual(none, []);
  assert.deepEqual(chapter, {
    slug: 'one/etcd',
    title: 'etcd',
    description: 'The memory.',
    part: 'one',
    number: '',
    file: 'content/docs/one/02-etcd.mdx',
    steps: ['etcd-start', 'plain'],
  });
  const { digest, ...full } = steps[0]!;
  const file = 'content/docs/one/02-etcd.mdx';
  assert.match(digest, /^[0-9a-f]{64}$/);
  assert.deepEqual(full, {
    id: 'etcd-start',
    kind: 'step',
    chapter: 'one/etcd',
    on: 'workstation',
    for: 'etcd',
    needs: ['a', 'b'],
    timeoutMs: 120_000,
    settleMs: 30_000,
    reboots: true,
    destroys: 'the disk',
    handsMs: 90_000,
    either: 'way',
    notRun: true,
    text: 'echo $KFS_MACHINE $' + '{KFS_CLUSTER}\n',
    check: { text: 'test $KFS_ADDRESS\n', place: { file, line: 12, column: 1 } },
    variables: ['KFS_ADDRESS', 'KFS_CLUSTER', 'KFS_MACHINE'],
    files: [],
    heading: { text: 'Start it', anchor: 'start-it' },
    place: { file, line: 8, column: 1 },
  });
  const plain = steps[1]!;
  assert.deepEqual(
    [plain.kind, plain.timeoutMs, plain.settleMs, plain.reboots, plain.needs, plain.check, 'for' in plain],
    ['gate', 600_000, 0, false, [], undefined, false],
  );
});

test('the digest covers what a step does and where, and not its limits nor its place', () => {
  const digest = (source: string): string => compile(source).steps[0]!.digest;
  const base = digest(step('a', 'x'));
  assert.equal(
    digest(`text\n\n${step('a', 'x', 'on="first" timeout="1s" settle="5s" needs="b" either="c"')}`),
    base,
  );
  const others = [
    step('a', 'y'),
    step('a', 'x', 'on="all"'),
    step('a', 'x', 'on="first" reboots'),
    step('a', 'x', 'on="first" destroys="it"'),
    step('a', 'x', 'on="first" hands="1m"'),
    step('a', 'x').replace('true', 'false'),
    step('a', 'x').replace('step=', 'event='),
  ].map(digest);
  assert.equal(new Set([base, ...others]).size, others.length + 1);
});

/** Pieces that have broken other readers of Markdown, or of shell. */
const TRAPS = [
  '\tindented with a tab',
  'cat <<EOF >"$dir/x"\n```\nfence in a here-document\n```\nEOF',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is shell
  'echo </kfs-step> <b> {x} {"y"} ${VAR} &amp; &lt; \\& \\` *a* _b_ [c](d)',
  'printf %s ünïcode 日本語 🧨 "…" -- --- \'"\'',
  '# a comment',
  '',
  '  two\n    four',
  "sed -e 's/[[:space:]]*$//' \\\n  -e 's/a/b/'",
  '::: note\n:::',
  '> quoted',
  '- item',
  '1. item',
  '---',
  'a | b || c && d ; e & # | table | row |',
  'title: no frontmatter',
  '<Term>x</Term> import x from "y"',
  '~~~\ntildes\n~~~',
  '$$ x $$ $x$ ^sup^ [^1]',
  'http://example.com/ www.example.com',
];

test('the compiled text is the bytes of the source, whatever is in it and wherever the fence stands', () => {
  // A pseudo-random walk with a fixed seed: the same texts each time.
  let seed = 42;
  const next = (below: number): number => {
    seed = (seed * 1103515245 + 12345) % 2 ** 31;
    return seed % below;
  };
  const holders: [string, (lines: string[]) => string][] = [
    ['', lines => lines.join('\n')],
    ['  ', lines => `- item\n\n${lines.map(line => line && `  ${line}`).join('\n')}`],
    ['   ', lines => `1. item\n\n${lines.map(line => line && `   ${line}`).join('\n')}`],
    ['> ', lines => lines.map(line => `> ${line}`).join('\n')],
    ['', lines => `:::note[Title]\n${lines.join('\n')}\n:::`],
    ['', lines => `<div>\n\n${lines.join('\n')}\n\n</div>`],
    ['  ', lines => `<div>\n${lines.map(line => line && `  ${line}`).join('\n')}\n</div>`],
  ];
  for (let round = 0; round < 300; round++) {
    const [indent, hold] = holders[round % holders.length]!;
    const inList = indent.trim() === '' && indent !== '';
    const traps = Array.from({ length: 1 + next(6) }, () => TRAPS[next(TRAPS.length)]!)
      // An indented fence takes its indentation from each line; a tab there would be cut into.
      .filter(trap => !(inList && trap.startsWith('\t')));
    const text = traps.join('\n');
    if (text.trim() === '') continue;
    const source = `---\ntitle: t\n---\n\ntext\n\n${hold(['`````sh step="trap" on="first"', ...text.split('\n'), '`````'])}\n\n${fence('check="trap"', 'true')}`;
    for (const written of [source, source.replaceAll('\n', '\r\n')]) {
      const compiled = compile(written);
      assert.deepEqual(compiled.findings, [], source);
      assert.equal(compiled.steps[0]?.text, `${text}\n`, source);
      const { line, column } = compiled.steps[0]!.place;
      assert.equal(source.split('\n')[line - 1]?.slice(column - 1), '`````sh step="trap" on="first"');
    }
  }
});

test('a fence in a comment, in inline code or in a longer fence is no step', () => {
  const source = `{/* \`\`\`sh step="a" on="first"\nx\n\`\`\` */}\n\n\`\`\`\`md\n\`\`\`sh step="b" on="first"\nx\n\`\`\`\n\`\`\`\`\n\n\`\`\`sh\nls\n\`\`\`\n`;
  const { steps, findings: none } = compile(source);
  assert.deepEqual([steps, none], [[], []]);
});

test('files in the one form are read, and a quoted body means the same as an unquoted one', () => {
  const text = `sudo install -D -m 0644 -o root -g root /dev/stdin /etc/a.conf <<EOF
a=$KFS_CLUSTER \\$HOME
EOF
sudo install -D -m 0755 -o root -g root /dev/stdin "/etc/$KFS_MACHINE" <<'END'
echo "$1" \`date\` \\
END
install -D -m 0600 /dev/stdin "$KFS_HOME/own" <<EOF
EOF`;
  const { files } = compile(step('a', text)).steps[0]!;
  assert.deepEqual(
    files.map(({ place, ...file }) => [place.line, file]),
    [
      [
        2,
        { path: '/etc/a.conf', mode: '0644', owner: 'root', group: 'root', body: 'a=$KFS_CLUSTER \\$HOME\n' },
      ],
      [
        5,
        {
          path: '/etc/$KFS_MACHINE',
          mode: '0755',
          owner: 'root',
          group: 'root',
          body: 'echo "\\$1" \\`date\\` \\\\\n',
        },
      ],
      [8, { path: '$KFS_HOME/own', mode: '0600', owner: '', group: '', body: '' }],
    ],
  );
});

test('what is wrong with a fence is said at its place', () => {
  const bad: [string, string[]][] = [
    [fence('show="Bad_Id" on="first"', 'x'), ['1:9 step-id: `Bad_Id` is no id']],
    [fence('show on="first"', 'x'), ['1:9 step-id: `` is no id']],
    [fence('show="a"', 'x'), ['1:1 place: `a` does not say where it runs']],
    [fence('show="a" on="master"', 'x'), ['1:18 place: `on`: unknown role `master`']],
    [fence('show="a" on="first" colour="red"', 'x'), ['1:29 attribute: unknown attribute `colour`']],
    [fence('show="a" on="first" settle="1s"', 'x'), ['1:29 attribute: `settle` on a show']],
    [fence('gate="a" on="first" timeout="soon"', 'x'), ['1:29 attribute: `timeout`: `soon` is no duration']],
    [fence('gate="a" on="first" notrun="yes"', 'x'), ['1:29 attribute: `notrun`: takes no value']],
    [fence('gate="a" on="first" needs', 'x'), ['1:29 attribute: `needs`: has no value']],
    [fence('gate="a" on="first" needs="b C"', 'x'), ['1:29 attribute: `needs`: `C` is no id']],
    [fence('gate="a" on="first" on="all"', 'x'), ['1:29 attribute: `on` twice']],
    [fence('gate="a" on="first" {2-3}', 'x'), ['1:29 attribute: `{2-3}` cannot be read as an attribute']],
    [fence('on="first" gate="a"', 'x'), ['1:20 attribute: `gate` is not the first word']],
    [fence('gate="a" show="a" on="first"', 'x'), ['1:18 attribute: both `gate` and `show`']],
    [
      fence('gate="a" on="first" for="etcd"', 'x'),
      ['1:29 place: `for` on a step that does not run on the workstation'],
    ],
    [fence('gate="a" on="workstation" for="workstation"', 'x'), ['1:35 place: `for` the workstation']],
    ['```bash gate="a" on="first"\nx\n```', ['1:1 fence: a gate written in `bash`']],
    ['```sh steps="a" on="first"\nx\n```', ['1:7 attribute: a fence with attributes of a step that is none']],
    ['text\n\n```sh gate="a" on="first"\nx\n', ['3:1 fence: the fence is not closed']],
    [fence('gate="a" on="first"', ''), ['1:1 fence: `a` has no text']],
    [fence('step="a" on="first"', 'x'), ['1:1 step-check: step `a` has no check']],
    [fence('event="a" on="first"', 'x'), ['1:1 step-check: event `a` has no check']],
    [step('a', 'x') + fence('check="a"', 'x'), ['8:1 step-check: a second check for `a`']],
    [fence('check="a"', 'x'), ['1:1 check-step: check `a` has no step']],
    [
      fence('check="a"', 'x') + fence('step="a" on="first"', 'x'),
      ['1:1 check-step: check `a` stands before its step'],
    ],
    [fence('gate="a" on="first"', 'x') + fence('check="a"', 'x'), ['4:1 check-step: gate `a` has a check']],
    [step('a', 'x').replace('check="a"', 'check="a" on="first"'), ['5:19 attribute: `on` on a check']],
    ['a <b\n', ['1:3 syntax: the chapter is not valid MDX']],
    ['---\ntitle: [\n---\n', ['2:9 frontmatter: the frontmatter is not YAML']],
  ];
  for (const [source, expected] of bad) assert.deepEqual(findings(source), expected, source);
});

test('positions count within lists and quotes as an editor does', () => {
  assert.deepEqual(findings('- item\n\n  ```sh gate="a" on="nowhere"\n  x\n  ```\n'), [
    '3:18 place: `on`: unknown role `nowhere`',
  ]);
  assert.deepEqual(findings('> ```sh gate="a" on="nowhere"\n> x\n> ```\n'), [
    '1:18 place: `on`: unknown role `nowhere`',
  ]);
});
