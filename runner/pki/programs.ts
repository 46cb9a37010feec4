/** Runs `openssl`, `tar` and the like with their input in memory: nothing that is secret touches the disk. */
import { spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { KfsError } from '../errors.ts';

export interface Input {
  input?: string | Buffer;
  /** Reaches the program on its descriptor 3: a command line can be read by everybody on the machine. */
  passphrase?: string;
}

export interface Ended {
  status: number | null;
  stdout: Buffer;
  stderr: string;
}

/** Output of a program that must succeed. */
export async function run(program: string, args: string[], input: Input = {}): Promise<Buffer> {
  const { status, stdout, stderr } = await spawned(program, args, input);
  if (status === 0) return stdout;
  throw new KfsError('pki-refused', `${program} failed: ${stderr.trim()}`, {
    next:
      program === 'openssl'
        ? 'is it OpenSSL 3.0 or later? `openssl version` tells'
        : 'mend that, then run this again',
  });
}

/** Rejects only when there is no such program. */
export async function spawned(program: string, args: string[], { input, passphrase }: Input): Promise<Ended> {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', cause =>
      reject(
        new KfsError('host-unsupported', `${program} cannot be run: ${cause.message}`, {
          cause,
          next: `install ${program}`,
        }),
      ),
    );
    child.once('close', resolve);
  });
  give(child.stdin, input ?? '');
  give(child.stdio[3] as Writable, passphrase === undefined ? '' : `${passphrase}\n`);
  const [status, stdout, stderr] = await Promise.all([ended, buffer(child.stdout), text(child.stderr)]);
  return { status, stdout, stderr };
}

/** A program that ends without having read everything is no error here; its status tells. */
function give(stream: Writable, content: string | Buffer): void {
  stream.on('error', () => undefined);
  stream.end(content);
}
