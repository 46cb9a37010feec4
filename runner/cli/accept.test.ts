import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { bookFolder, fence } from '../book/testing/books.ts';
import { CHECKOUT } from './context.ts';

const PLACE = 'content/docs/1/1-one.mdx';

/** A chapter with one step, which appends its text to a file. */
const chapter = (text: string): string =>
  [
    '---\ntitle: T\n---\n',
    fence('step="make" on="workstation"', `echo ${text} >>made`),
    fence('check="make"', 'test -s made'),
  ].join('\n');

function openBook(t: TestContext): { kfs(...args: string[]): string; edit(text: string): void } {
  const book = bookFolder(t, { [PLACE]: chapter('one') });
  const kfs = (...args: string[]): string => {
    const state = ['--state', join(book, 'state'), '--book', book];
    const { status, stdout, stderr } = spawnSync(join(CHECKOUT, 'kfs'), [...state, ...args], {
      encoding: 'utf8',
    });
    return `${status}\n${stdout}${stderr}`;
  };
  return { kfs, edit: text => writeFileSync(join(book, PLACE), chapter(text)) };
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
