import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeFrame, encodeFrame, FRAME } from './frames.ts';

test('a frame comes back as it was sent, also above 4 GiB of offset', () => {
  const frame = {
    kind: FRAME.output,
    stream: 4_000_000_000,
    offset: 2 ** 40 + 7,
    bytes: Uint8Array.of(0, 255, 27),
  };
  assert.deepEqual(decodeFrame(encodeFrame(frame)), frame);
});

test('a frame inside a larger buffer is read from its own bytes only', () => {
  const sent = encodeFrame({ kind: FRAME.input, stream: 3, offset: 0, bytes: Uint8Array.of(9) });
  const buffer = new Uint8Array(64);
  buffer.set(sent, 20);
  assert.deepEqual(decodeFrame(buffer.subarray(20, 20 + sent.length))?.bytes, Uint8Array.of(9));
});

test('what is too short, of an unknown kind or at an impossible offset is no frame', () => {
  assert.equal(decodeFrame(new Uint8Array(12)), undefined);
  assert.equal(decodeFrame(new Uint8Array(20).fill(7)), undefined);
  const far = encodeFrame({ kind: FRAME.output, stream: 1, offset: 0, bytes: new Uint8Array() });
  far.fill(0xff, 5, 13);
  assert.equal(decodeFrame(far), undefined);
});
