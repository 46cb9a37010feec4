import assert from 'node:assert/strict';
import test from 'node:test';
import { parseShell } from './parse.ts';
import { commandsOf, type Script } from './tree.ts';

/** `cat a | (grep b)`: commands joined by blanks, pipelines by `;`, for short expectations. */
function sketch(script: Script): string {
  return script.pipelines.map(pipeline => pipeline.commands.map(one).join(' | ')).join('; ');
  function one(command: Script['pipelines'][number]['commands'][number]): string {
    const words = [
      ...command.assignments.map(({ name, value }) => `${name}=${value.value}`),
      ...command.words.map(word => `<${word.value}>`),
      ...command.redirects.map(({ fd, operator, target }) => `${fd}${operator}${target.value}`),
    ];
    const body = command.body ? [`${command.subshell ? '(' : '{'} ${sketch(command.body)} }`] : [];
    return [...words, ...body].join(' ');
  }
}

const cases: [string, string, string][] = [
  [
    'quotes and backslashes are taken away',
    `echo 'a b' "c $X" d\\ e $'f\\n'`,
    '<echo> <a b> <c $X> <d e> <f\\n>',
  ],
  [
    'pipelines end at newline, ; and && but not at a newline after |',
    'a |\n  b && c; d\ne',
    '<a> | <b>; <c>; <d>; <e>',
  ],
  ['a comment is no command', '# a > b\na # c\n#d\nb#c', '<a>; <b#c>'],
  ['redirections of all kinds', 'a >x 2>&1 <y &>>z >|w 3<>v', '<a> 1>x 2>&1 0<y 1&>>z 1>|w 3<>v'],
  ['assignments before a command, and alone', 'A=1 B="$(x)" c d=e\nF=', 'A=1 B=$(x) <c> <d=e>; F='],
  ['arrays', 'a=(b "c d" $(e)) f', 'a=(b "c d" $(e)) <f>'],
  [
    'if, for, while and groups hold their commands',
    'if a; then b; else c; fi >x\nfor i in 1 2; do d; done | e\n{ f; } && (g)',
    ' 1>x { <a>; <b>; <c> }; <i> <in> <1> <2> { <d> } | <e>; { <f> }; ( <g> }',
  ],
  ['case', 'case $x in\n  a|b) c ;;\n  *) d\nesac\ne', '<$x> <in> { <c>; <d> }; <e>'],
  ['functions', 'f() {\n  a\n}\nf', '<f> { { <a> } }; <f>'],
  ['[[ ]] and (( )) hold no redirections', '[[ a < b && c > d ]] && e\n(( 1 > 0 )) || f', '<[[>; <e>; ; <f>'],
  ['negation and time are stepped over', '! a | b\ntime c', '<a> | <b>; <c>'],
];
for (const [title, text, expected] of cases)
  test(title, () => assert.equal(sketch(parseShell(text)).replace(/^ /, ''), expected.replace(/^ /, '')));

test('a here-document is no command, and its substitutions are', () => {
  const script = parseShell('cat <<EOF >x; b\nrm -rf /\n$(id -u) \\$(no)\nEOF\nc <<-"E"\n\t$(no)\n\tE\nd\n');
  assert.equal(sketch(script), '<cat> 0<<EOF 1>x; <b>; <c> 0<<-E; <d>');
  assert.deepEqual(
    [...commandsOf(script)].map(command => command.words.map(word => word.value).join(' ')),
    ['cat', 'id -u', 'b', 'c', 'd'],
  );
  const [first, second] = ['cat', 'c'].map(
    name => [...commandsOf(script)].find(one => one.words[0]?.value === name)?.redirects[0]?.hereDocument,
  );
  assert.equal(first?.body, 'rm -rf /\n$(id -u) \\$(no)\n');
  assert.deepEqual([second?.body, second?.quoted], ['\t$(no)\n', true]);
});

test('substitutions nest and keep their offsets', () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is shell
  const text = 'a "$(b "$(c <(d))")" `e` ${X:-$(f)}\n';
  const commands = [...commandsOf(parseShell(text))].map(one => [text[one.at], one.words[0]?.value]);
  assert.deepEqual(
    commands,
    ['a', 'b', 'c', 'd', 'e', 'f'].map(name => [name, name]),
  );
});

test('a text that bash refuses still comes to an end', () => {
  for (const text of [
    '"',
    "'",
    '$(',
    '${',
    '(',
    'case',
    'case x in',
    'case x in a',
    'if',
    '{',
    '<<',
    'a <<E',
    '))',
    ';;',
    '}',
    '`',
    '<(',
    'f()',
    '((',
    '[[',
    'a=(',
  ])
    assert.ok(parseShell(text));
});
