/** Joins a terminal to a machine's serial console. */
import { createConnection } from 'node:net';
import type { ReadStream, WriteStream } from 'node:tty';
import { KfsError } from '../runner/errors.ts';

/** Ctrl-], as telnet has it: no program that matters uses it. */
export const LEAVE_KEY = 0x1d;

/** Resolves when the reader left, by the key or because the lab ended. */
export function attach(
  socketPath: string,
  input: ReadStream | NodeJS.ReadableStream,
  output: WriteStream | NodeJS.WritableStream,
): Promise<'left' | 'ended'> {
  const tty = 'setRawMode' in input && input.isTTY ? input : undefined;
  return new Promise((resolve, reject) => {
    const socket = createConnection(socketPath);
    const finish = (how: 'left' | 'ended') => {
      tty?.setRawMode(false);
      input.off('data', type);
      input.off('end', ended);
      input.pause();
      socket.destroy();
      resolve(how);
    };
    const type = (data: Buffer | string) => {
      const bytes = Buffer.from(data);
      const at = bytes.indexOf(LEAVE_KEY);
      if (at < 0) socket.write(bytes);
      else {
        socket.write(bytes.subarray(0, at));
        finish('left');
      }
    };
    const ended = () => finish('left');
    socket.on('connect', () => {
      tty?.setRawMode(true);
      input.on('data', type);
      input.on('end', ended);
      input.resume();
    });
    socket.on('data', bytes => output.write(bytes));
    socket.on('close', () => finish('ended'));
    socket.on('error', cause => {
      tty?.setRawMode(false);
      reject(
        new KfsError('lab-failed', 'the machine has no console: the lab is not up', {
          next: 'kfs lab up',
          cause,
        }),
      );
    });
  });
}
