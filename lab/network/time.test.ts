import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ntpReply } from './time.ts';

function request(mode: number): Buffer {
  const packet = Buffer.alloc(48);
  packet[0] = (4 << 3) | mode;
  packet.write('question', 40, 'latin1');
  return packet;
}

test('a client gets the time since 1900, and its own stamp back', () => {
  const reply = ntpReply(request(3), 1_000_000_000.5)!;
  assert.equal(reply[0], (4 << 3) | 4);
  assert.equal(reply.readUInt32BE(40), 3_208_988_800);
  assert.equal(reply.readUInt32BE(44), 2 ** 31);
  assert.equal(reply.toString('latin1', 24, 32), 'question');
});

test('what is not a client or too short is not answered', () => {
  assert.equal(ntpReply(request(4), 0), undefined);
  assert.equal(ntpReply(Buffer.alloc(10), 0), undefined);
});
