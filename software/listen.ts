/** Begins to listen, or says why it cannot and what to do; ends without waiting for whoever is connected. */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { KfsError } from '../runner/errors.ts';

const NEXT: Record<string, string> = {
  EADDRINUSE: 'end what listens there, or choose another --port',
  EADDRNOTAVAIL:
    'this computer does not have that address: see network.workstation in the plan, or say --address',
  EACCES: 'a port above 1023 needs no rights: choose another --port',
};

export interface Listening {
  /** The real one, where 0 was asked for. */
  port: number;
  close(): Promise<void>;
}

export function listen(server: Server, address: string, port: number): Promise<Listening> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const next = NEXT[cause.code ?? ''];
      reject(
        new KfsError('refused', `cannot listen on ${address}:${port}: ${cause.message}`, { cause, next }),
      );
    });
    server.listen(port, address, () => {
      const close = () =>
        new Promise<void>(done => {
          server.close(() => done());
          server.closeAllConnections();
        });
      resolve({ port: (server.address() as AddressInfo).port, close });
    });
  });
}
