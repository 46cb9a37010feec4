/** One HTTP server on 127.0.0.1: the built book, and behind the token the runner. Wiring only. */
import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { KfsError } from '../errors.ts';
import type { Runner } from '../run/runner.ts';
import type { StatePaths } from '../state.ts';
import { certificatesOf } from './certificates.ts';
import { serveRequest } from './door.ts';
import type { Door } from './guard.ts';
import { Hub } from './hub.ts';
import { PlanDesk } from './plan-desk.ts';
import { Runs } from './runs.ts';
import { openSocketDoor } from './socket.ts';
import { type Site, serveSite } from './static.ts';

export interface ServerOptions {
  runner: Runner;
  paths: StatePaths;
  site: Site;
  /** 0 lets the system choose. */
  port: number;
}

export interface RunningServer {
  /** With the token in the fragment, which no browser sends and no log keeps. */
  url: string;
  port: number;
  hub: Hub;
  /** Serves another build of the book from now on. */
  setSite(site: Site): void;
  /** Lets running steps run. */
  close(): Promise<void>;
}

export async function startServer({ runner, paths, site, port }: ServerOptions): Promise<RunningServer> {
  const door: Door = { port, token: randomBytes(32).toString('hex') };
  const hub = new Hub(runner, randomBytes(8).toString('hex'));
  const runs = new Runs(paths);
  const plan = new PlanDesk(hub, paths.plan);
  let pages = { serve: serveSite(site.folder), scripts: site.scripts };
  const setSite = (next: Site) => {
    pages = { serve: serveSite(next.folder), scripts: next.scripts };
  };

  const http = createServer((request, response) => {
    const rooms = { ...door, server: hub.server, runs, pages: () => pages };
    serveRequest(rooms, request, response).catch(() => response.destroy());
  });
  const sockets = openSocketDoor(door, { hub, plan, runs, certificates: certificatesOf(paths.pki) });
  http.on('upgrade', sockets.upgrade);
  try {
    door.port = await listen(http, port);
  } catch (error) {
    await sockets.close();
    hub.close();
    throw error;
  }

  const close = async () => {
    hub.close();
    await sockets.close();
    const closed = new Promise(done => http.close(done));
    http.closeAllConnections();
    await closed;
    runs.close();
  };
  return { url: `http://127.0.0.1:${door.port}/#token=${door.token}`, port: door.port, hub, setSite, close };
}

function listen(http: Server, port: number): Promise<number> {
  return new Promise((done, fail) => {
    http.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE' && error.code !== 'EACCES') return fail(error);
      fail(
        new KfsError('usage', `port ${port} is taken`, { next: 'Choose another with --port.', cause: error }),
      );
    });
    http.listen({ host: '127.0.0.1', port }, () => done((http.address() as AddressInfo).port));
  });
}
