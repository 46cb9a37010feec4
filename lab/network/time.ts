/**
 * The router's time service: answers NTP clients with the clock of this host, as a home router does. Only what a
 * client needs (RFC 5905, server mode); nothing is set by it.
 */
import { createSocket, type Socket } from 'node:dgram';

/** Seconds from 1900, where NTP begins, to 1970. */
const EPOCH = 2_208_988_800;
const PACKET_BYTES = 48;
const CLIENT = 3;
const SERVER = 4;

export function serveTime(address: string, port = 123): Socket {
  const socket = createSocket('udp4');
  socket.on('message', (request, from) => {
    const reply = ntpReply(request, now());
    if (reply) socket.send(reply, from.port, from.address);
  });
  socket.on('error', error => console.error(`the time service failed: ${error.message}`));
  socket.bind(port, address);
  return socket;
}

/** Seconds since 1970 with a fraction. */
const now = (): number => (performance.timeOrigin + performance.now()) / 1000;

/** The answer to a client's request; undefined for anything else. */
export function ntpReply(request: Buffer, received: number): Buffer | undefined {
  if (request.length < PACKET_BYTES || (request[0]! & 7) !== CLIENT) return undefined;
  const version = (request[0]! >> 3) & 7;
  const reply = Buffer.alloc(PACKET_BYTES);
  reply[0] = (version << 3) | SERVER;
  reply[1] = 3; // stratum: a server that follows a server that follows a clock
  reply[2] = request[2]!; // poll interval as asked
  reply.writeInt8(-20, 3); // precision: about a microsecond
  reply.writeUInt32BE(0x00000100, 4); // root delay and dispersion: a few milliseconds
  reply.writeUInt32BE(0x00000100, 8);
  reply.write('HOST', 12, 'latin1');
  stamp(reply, 16, received); // when the clock was last set
  request.copy(reply, 24, 40, 48); // the client's own time, by which it matches question and answer
  stamp(reply, 32, received);
  stamp(reply, 40, received);
  return reply;
}

function stamp(packet: Buffer, at: number, seconds: number): void {
  const whole = Math.floor(seconds);
  packet.writeUInt32BE((whole + EPOCH) % 2 ** 32, at);
  packet.writeUInt32BE(Math.floor((seconds - whole) * 2 ** 32), at + 4);
}
