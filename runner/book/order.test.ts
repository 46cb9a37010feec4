import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileChapter } from './chapter.ts';
import type { Step } from './manifest.ts';
import { cellNeeds, directNeeds, type Need } from './order.ts';
import { crossFindings } from './rules/cross.ts';
import { brief, fence, step } from './testing/books.ts';

const chapters = [
  compileChapter(
    [
      fence('gate="disk" on="first"', 'true'),
      fence('show="look" on="first"', 'true'),
      step('build', 'x', 'on="workstation" either="software"'),
      step('download', 'x', 'on="workstation" either="software"'),
      fence('event="drill" on="first"', 'x') + fence('check="drill"', 'true'),
      step('key', 'x', 'on="workstation" for="etcd"'),
      step('use', 'x', 'on="etcd" needs="drill disk"'),
    ].join('\n'),
    'one/a.mdx',
  ),
  compileChapter(step('far', 'x', 'on="all" needs="download use"'), 'one/b.mdx'),
];
const steps = chapters.flatMap(chapter => chapter.steps);
const get = (id: string): Step => steps.find(one => one.id === id)!;
const ids = (needs: Need[]): string[] => needs.map(({ ways }) => ways.map(one => one.id).join('|'));

test('states and gates above are implied, of alternatives one', () => {
  assert.deepEqual(ids(directNeeds(steps, get('key'))), ['disk', 'build|download']);
  assert.deepEqual(ids(directNeeds(steps, get('download'))), ['disk']);
});

test('named needs come first and once, and a named alternative stands for its group', () => {
  assert.deepEqual(ids(directNeeds(steps, get('use'))), ['drill', 'disk', 'build|download', 'key']);
  assert.deepEqual(
    directNeeds(steps, get('use')).map(({ explicit }) => explicit),
    [true, true, false, false],
  );
  assert.deepEqual(ids(directNeeds(steps, get('far'))), ['build|download', 'use']);
});

test('a need that the subject has itself is needed for it alone, any other for all of its subjects', () => {
  const subjects: Record<string, string[]> = {
    etcd: ['m1', 'm2'],
    first: ['m1'],
    all: ['m1', 'm2', 'm3'],
    workstation: ['workstation'],
  };
  const subjectsOf = (one: Step): string[] => subjects[one.for ?? one.on] ?? [];
  const cells = (id: string, subject: string): string[] =>
    cellNeeds(steps, get(id), subject, subjectsOf).map(({ ways }) =>
      ways.map(one => `${one.step.id}@${one.subjects}`).join('|'),
    );
  assert.deepEqual(cells('use', 'm2'), [
    'drill@m1',
    'disk@m1',
    'build@workstation|download@workstation',
    'key@m2',
  ]);
  assert.deepEqual(cells('far', 'm3'), ['build@workstation|download@workstation', 'use@m1,m2']);
  subjects.etcd = [];
  assert.deepEqual(cells('far', 'm3'), ['build@workstation|download@workstation']);
});

test('needs that lead nowhere or in a circle are refused where they are written', () => {
  const one = compileChapter(
    [step('a', 'x', 'on="first" needs="c"'), step('b', 'x'), fence('show="s" on="first"', 'x')].join('\n'),
    'one.mdx',
  );
  const two = compileChapter(step('c', 'x', 'on="first" needs="b s c"'), 'two.mdx');
  assert.deepEqual(brief(crossFindings([one, two], [])), [
    'two.mdx:1:1 needs: `c` needs `s`, which only shows something',
    'two.mdx:1:1 needs: `c` needs `c`, which is itself',
    'one.mdx:1:1 needs-cycle: `a` needs `c` needs `b` needs `a`',
  ]);
});

test('a circle through one of two ways is none', () => {
  const one = compileChapter(
    [step('way', 'x', 'on="first" either="w"'), step('a', 'x')].join('\n'),
    'one.mdx',
  );
  const two = compileChapter(step('other', 'x', 'on="first" either="w" needs="a"'), 'two.mdx');
  assert.deepEqual(crossFindings([one, two], []), []);
});
