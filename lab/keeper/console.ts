/** A machine's serial console: kept as a log, handed to whoever attaches, fed by whoever types. */
import { createWriteStream, existsSync, renameSync, rmSync, statSync, type WriteStream } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';

/** Bytes; a log larger than this is put aside at the next power-on; one old log is kept. */
const LOG_LIMIT = 8 * 2 ** 20;
/** What someone who attaches is shown of the past. */
const BACKLOG = 8192;
/** A reader who lags further behind than this loses the console: it must never hold up the machine. */
const LAG_LIMIT = 4 * 2 ** 20;

export class Console {
  private readonly clients = new Set<Socket>();
  private readonly server: Server;
  private log: WriteStream | undefined;
  private keyboard: Writable | undefined;
  private tail = Buffer.alloc(0);
  private readonly file: string;
  private readonly limit: number;

  constructor(file: string, socket: string, limit = LOG_LIMIT) {
    this.file = file;
    this.limit = limit;
    rmSync(socket, { force: true });
    this.server = createServer(client => this.attach(client)).listen(socket);
  }

  /** The last output, for finding out how a machine ended. */
  get recent(): string {
    return this.tail.toString('latin1');
  }

  /** A machine begins: its output is logged and shown until it ends. */
  plug(output: Readable, keyboard: Writable): void {
    this.rotate();
    this.log ??= createWriteStream(this.file, { flags: 'a' });
    this.tail = Buffer.alloc(0);
    this.keyboard = keyboard;
    keyboard.on('error', () => {});
    output.on('data', (bytes: Buffer) => this.write(bytes));
  }

  unplug(): void {
    this.keyboard = undefined;
  }

  /** Writes a line of the lab's own, such as "power cut". */
  note(text: string): void {
    if (!text) return;
    this.log ??= createWriteStream(this.file, { flags: 'a' });
    this.write(Buffer.from(`\r\n[lab] ${text}\r\n`));
  }

  close(): void {
    for (const client of this.clients) client.destroy();
    this.server.close();
    this.log?.end();
  }

  /** The open log goes with the name: what comes next is written to a new one. */
  private rotate(): void {
    if (!existsSync(this.file) || statSync(this.file).size <= this.limit) return;
    this.log?.end();
    this.log = undefined;
    renameSync(this.file, `${this.file}.1`);
  }

  private write(bytes: Buffer): void {
    this.log?.write(bytes);
    this.tail = Buffer.concat([this.tail, bytes]).subarray(-BACKLOG);
    for (const client of this.clients) {
      if (client.writableLength > LAG_LIMIT) client.destroy();
      else client.write(bytes);
    }
  }

  private attach(client: Socket): void {
    this.clients.add(client);
    client.write(this.tail);
    client.on('data', bytes => this.keyboard?.write(bytes));
    client.on('error', () => {});
    client.on('close', () => this.clients.delete(client));
  }
}
