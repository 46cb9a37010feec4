import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TailBuffer } from './tail-buffer.ts';

test('only the end is kept, however much passes through', () => {
  const tail = new TailBuffer(1000);
  for (let line = 0; line < 100_000; line++) tail.push(Buffer.from(`line ${line}\n`));
  assert.equal(tail.text(2), 'line 99998\nline 99999\n');
});

test('one chunk larger than the limit is cut at its start', () => {
  const tail = new TailBuffer(10);
  tail.push(Buffer.from(`${'x'.repeat(500)}0123456789`));
  assert.equal(tail.text(5), '0123456789');
});

test('bytes that are not UTF-8 show as the replacement character', () => {
  const tail = new TailBuffer(100);
  tail.push(Uint8Array.of(0x61, 0xff, 0x62));
  assert.equal(tail.text(1), 'a\uFFFDb');
});
