/**
 * Hands a machine its job over TLS, once: which disk, which image, and its config, with its host key in it. The one
 * thing that can be asked is `POST /install`, with the MAC addresses of the machine's cards, one a line.
 *
 * TLS proves the workstation to the machine, so that it does not install what somebody else would have it install. The
 * other way round there is no proof: a machine that has just been unpacked has nothing to prove itself with, and a MAC
 * address can be borrowed. Hence the arming, for one request and a short time: who steals it is noticed.
 */
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import { basename, join } from 'node:path';
import { KfsError } from '../../../runner/errors.ts';
import { listen } from '../../listen.ts';
import { IMAGE_PATH } from '../place.ts';
import { type Arming, Armings } from './arming.ts';
import { type Asked, Requests } from './requests.ts';

export interface InstallServerOptions {
  /** Folder of the armings, and of what is remembered of requests. */
  folder: string;
  /** Folder of `<machine>.ign`. */
  configs: string;
  /** The mirror's folder, for digest and size of the image, and its URL, where the machine fetches it. */
  mirror: { folder: string; url: string };
  /** Files: certificate and key of the workstation. */
  tls: { certificate: string; key: string };
  address: string;
  port: number;
  /** Told of every request. */
  onRequest?(asked: Asked): void;
}

interface Reply {
  status: number;
  text: string;
  machine?: string;
  /** What was spent for it. */
  arming?: Arming;
}

/** Two dozen network cards. */
const BODY_LIMIT = 512;

/** Throws when the workstation has no certificate yet, or the port is taken. Port 0 takes a free one. */
export async function serveInstall(
  options: InstallServerOptions,
): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer({ cert: pem(options.tls.certificate), key: pem(options.tls.key) });
  server.on('request', async (request, response) => {
    const { status, text } = await reply(request, options).catch(failure);
    response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' });
    response.end(text);
  });
  const { port, close } = await listen(server, options.address, options.port);
  return { url: `https://${options.address}:${port}`, close };
}

function pem(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    const message = `the workstation has no certificate to show: ${file} cannot be read`;
    throw new KfsError('pki-refused', message, { next: 'kfs pki init services', cause });
  }
}

async function reply(request: IncomingMessage, options: InstallServerOptions): Promise<Reply> {
  if (request.url !== '/install') return { status: 404, text: 'there is nothing but /install\n' };
  if (request.method !== 'POST') return { status: 405, text: 'POST the MAC addresses of your cards\n' };
  const macs = (await bodyOf(request)).toLowerCase().match(/\b([0-9a-f]{2}:){5}[0-9a-f]{2}\b/g) ?? [];
  const from = (request.socket.remoteAddress ?? '').replace('::ffff:', '');
  const given = await decide(options, macs, from);
  const outcome = given.status === 200 ? 'handed out' : given.text.trim();
  const asked = { at: new Date().toISOString(), from, macs, outcome };
  const full = given.machine ? { ...asked, machine: given.machine } : asked;
  await remember(full, given.arming, options);
  options.onRequest?.(full);
  return given;
}

/** What cannot be remembered is not handed out either: the machine may ask again when the fault is mended. */
async function remember(
  asked: Asked,
  spent: Arming | undefined,
  { folder }: InstallServerOptions,
): Promise<void> {
  try {
    await new Requests(folder).record(asked);
  } catch (error) {
    if (spent) await new Armings(folder).giveBack(spent);
    throw error;
  }
}

//#region decide
/** Everything is read before the arming is spent: what is missing here is no reason to arm again. */
async function decide(options: InstallServerOptions, macs: string[], from: string): Promise<Reply> {
  const armings = new Armings(options.folder);
  const claim = await armings.claim(macs, from);
  if (!('arming' in claim)) return refusal(claim.status, claim.reason, claim.machine);
  const { arming } = claim;
  const text = await jobOf(options, arming).catch((error: NodeJS.ErrnoException) => error);
  if (typeof text !== 'string') return refusal(404, notHere(arming, text), arming.name);
  if (await armings.take(arming)) return { status: 200, text, machine: arming.name, arming };
  return refusal(409, `${arming.name} was given its config a moment ago`, arming.name);
}
//#endregion

const refusal = (status: number, reason: string, machine?: string): Reply => ({
  ...{ status, text: `${reason}\n` },
  ...(machine && { machine }),
});

/** The stranger who asks need not know our folders. */
const notHere = ({ name }: Arming, { path, message }: NodeJS.ErrnoException): string =>
  `the workstation cannot read ${path ? basename(path) : message}: make the image and the config of ${name} first`;

/** A word and its value a line, an empty line, the config: what a shell can take apart. */
async function jobOf({ configs, mirror }: InstallServerOptions, { name, disk }: Arming): Promise<string> {
  const image = (file: string) => readFile(join(mirror.folder, IMAGE_PATH, file), 'utf8');
  const [sum, size] = await Promise.all([image('os.raw.zst.sha256'), image('os.raw.size')]);
  const config = await readFile(join(configs, `${name}.ign`), 'utf8');
  const lines = [
    `machine ${name}`,
    `disk ${disk}`,
    `image ${mirror.url}/${IMAGE_PATH}/os.raw.zst`,
    `sha256 ${sum.slice(0, 64)}`,
    `size ${size.trim()}`,
  ];
  return `${lines.join('\n')}\n\n${config}`;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) {
    text += chunk;
    if (text.length > BODY_LIMIT) return text.slice(0, BODY_LIMIT);
  }
  return text;
}

/** A fault of ours, such as a full disk; nothing was handed out. curl asks again after it. */
const failure = (error: Error): Reply => {
  process.stderr.write(`a request failed: ${error.message}\n`);
  return { status: 500, text: 'the workstation has a fault of its own; its terminal says which\n' };
};
