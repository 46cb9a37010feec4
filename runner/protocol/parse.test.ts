import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeFrame, FRAME } from './frames.ts';
import { type ClientMessage, MAX_INPUT } from './messages.ts';
import { parseBinary, parseText } from './parse.ts';

const digest = 'a'.repeat(64);
const run = {
  type: 'run',
  request: 1,
  step: 'etcd-start',
  subject: 'node-1',
  digest,
  mode: 'run',
} satisfies ClientMessage;

test('a message of the page is accepted as it is', () => {
  assert.deepEqual(parseText(JSON.stringify(run)), { ok: true, message: run });
});

for (const [title, message] of [
  ['a message with a field that is not in the protocol, such as shell text', { ...run, text: 'rm -rf /' }],
  ['a step id with a blank', { ...run, step: 'a b' }],
  ['a run id that climbs out of a folder', { type: 'attach', request: 1, run: '../../etc/passwd' }],
  ['a digest that is too short', { ...run, digest: 'abc' }],
  ['an unknown mode', { ...run, mode: 'sudo' }],
  ['an unknown type', { type: 'exec', request: 1 }],
  ['a terminal of no size', { type: 'shell.open', request: 1, machine: 'a', size: { columns: 0, rows: 0 } }],
  ['a negative offset', { type: 'ack', stream: 1, offset: -1 }],
  ['a list', []],
] as const) {
  test(`${title} is refused`, () => assert.equal(parseText(JSON.stringify(message)).ok, false));
}

test('the refusal of a malformed request names the request, so that the page can end it', () => {
  const parsed = parseText(JSON.stringify({ ...run, digest: 'abc', request: 7 }));
  assert.ok(!parsed.ok);
  assert.equal(parsed.request, 7);
  assert.match(parsed.problem, /^digest/);
});

test('what is not JSON is refused', () =>
  assert.deepEqual(parseText('{'), { ok: false, problem: 'not JSON' }));

test('input is accepted up to its limit and no output frame is taken from a page', () => {
  const frame = (kind: 1 | 2, length: number) =>
    encodeFrame({ kind, stream: 1, offset: 0, bytes: new Uint8Array(length) });
  assert.equal(parseBinary(frame(FRAME.input, MAX_INPUT)).ok, true);
  assert.equal(parseBinary(frame(FRAME.input, MAX_INPUT + 1)).ok, false);
  assert.equal(parseBinary(frame(FRAME.output, 1)).ok, false);
  assert.equal(parseBinary(new Uint8Array(3)).ok, false);
});
