import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { bookFolder, fence } from '../book/testing/books.ts';
import { CHECKOUT } from './context.ts';

const PLACE = 'content/docs/1/1-one.mdx';

/** A step that stands on the one before. */
const AFTER = fence('step="use" on="workstation"', 'cp made used') + fence('check="use"', 'test -s used');

/** A chapter whose first step appends its text to a file. */
const chapter = (text: string, rest = ''): string =>
  [
    '---\ntitle: T\n---\n',
    fence('step="make" on="workstation"', `echo ${text} >>made`),
    fence('check="make"', 'test -s made'),
    rest,
  ].join('\n');

function openBook(
  t: TestContext,
  rest?: string,
): { kfs(...args: string[]): string; edit(text: string): void } {
  const book = bookFolder(t, { [PLACE]: chapter('one', rest) });
  const kfs = (...args: string[]): string => {
    const state = ['--state', join(book, 'state'), '--book', book];
    const { status, stdout, stderr } = spawnSync(join(CHECKOUT, 'kfs'), [...state, ...args], {
      encoding: 'utf8',
    });
    return `${status}\n${stdout}${stderr}`;
  };
  return { kfs, edit: text => writeFileSync(join(book, PLACE), chapter(text, rest)) };
}

test('a stale step is accepted in a terminal, is done then, and has not run', t => {
  const { kfs, edit } = openBook(t);
  assert.match(kfs('run', 'make'), /^0\n/);
  edit('two');
  assert.match(kfs('status', '--reasons'), /^1\n.*stale/s);
  assert.match(kfs('accept', 'make'), /^0\naccepted make on workstation as it is \(its text changed/);
  assert.match(kfs('status'), /^0\n/);
  assert.match(kfs('accept', 'make'), /^1\nnothing of it is stale/);
});

test('what is stale is accepted only on the machine that is named, and only under a name that the book knows', t => {
  const { kfs, edit } = openBook(t);
  kfs('run', 'make');
  edit('two');
  assert.match(kfs('accept', 'make', '--on', 'n1'), /^1\nnothing of it is stale/);
  assert.match(kfs('accept', 'mak'), /the book has no step, chapter or part named mak/);
  assert.match(kfs('accept', 'make', '--on', 'workstation'), /^0\n/);
});

test('a chapter is accepted whole; what is stale only for what stands beneath it needs no word of its own', t => {
  const { kfs, edit } = openBook(t, AFTER);
  assert.match(kfs('run', '1/one'), /^0\n/);
  edit('two');
  assert.match(kfs('status', '--reasons'), /stands on `make`/);
  assert.match(kfs('accept', '1/one'), /^0\naccepted make on workstation [^\n]*\n$/);
  assert.match(kfs('status'), /^0\n/);
});
