import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lastLine } from './words.ts';

test('what a failed program has said comes first, then the command that it was', () => {
  assert.equal(lastLine('one\r\n\x1b[31mno such file\x1b[0m\r\n\r\n'), 'no such file');
  assert.equal(lastLine('no such file\nline 2: cat /x\n'), 'no such file (line 2: cat /x)');
  assert.equal(lastLine('line 2: test -s /x\n'), 'line 2: test -s /x');
  assert.equal(lastLine(''), '');
});

test('of a list, the reason is the last line that is not marked as well', () => {
  const list = '✔ etcd   there\n✘ pods   not yet: web\n✔ node   n1\n';
  assert.equal(lastLine(list), '✘ pods   not yet: web');
  assert.equal(lastLine(`${list}line 1: prove "$A"\n`), '✘ pods   not yet: web (line 1: prove "$A")');
  assert.equal(lastLine('✔ all\n'), '✔ all');
});
