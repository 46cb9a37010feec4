/** `kfs mirror serve|verify|index|list`. Wired by runner/cli/software.ts. */
import type { Command } from 'commander';
import { KfsError } from '../runner/errors.ts';
import type { Report } from './builder/cache.ts';
import { loadComponents } from './component.ts';
import { loadImages } from './image-list.ts';
import { indexMirror } from './mirror.ts';
import { listMirror, verifyMirror } from './mirror-contents.ts';
import { curesFor } from './mirror-cures.ts';
import { serveMirror } from './serve.ts';
import { interruptible } from './terminal.ts';

export interface MirrorContext {
  /** The mirror's folder in the state directory. */
  mirror: string;
  json: boolean;
  report: Report;
  /** Where the plan says that it is served, if there is a plan. */
  planned(): { address: string; port: number } | undefined;
}

type Context = (command: Command) => MirrorContext;

export function registerMirror(program: Command, context: Context): void {
  const mirror = program.command('mirror').description('the folder of software that the machines fetch from');
  mirror
    .command('serve')
    .description('serve it over HTTP until Ctrl-C')
    .option('--address <address>', "where to listen (default: the plan's workstation, or 127.0.0.1)")
    .option('--port <port>', "port (default: the plan's, or 8080)")
    .action((flags: ServeFlags, command: Command) => serve(flags, context(command)));
  mirror
    .command('verify')
    .description('compare every file with SHA256SUMS')
    .action((_flags: unknown, command: Command) => verify(context(command)));
  mirror
    .command('index')
    .description('make the images of the programs that are in it, and SHA256SUMS, from what is there now')
    .action(async (_flags: unknown, command: Command) => {
      const components = loadComponents();
      const { mirror, report } = context(command);
      await indexMirror(mirror, {
        ...{ components, images: loadImages(components), report, signal: interruptible() },
      });
    });
  mirror
    .command('list')
    .description('what is in it, with sizes')
    .action((_flags: unknown, command: Command) => list(context(command)));
}

interface ServeFlags {
  address?: string;
  port?: string;
}

async function serve(flags: ServeFlags, { mirror, planned }: MirrorContext): Promise<void> {
  const port = Number(flags.port ?? planned()?.port ?? 8080);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new KfsError('usage', `${flags.port} is not a port`, {
      next: 'a number up to 65535; 0 takes a free one',
    });
  }
  const server = await serveMirror(mirror, flags.address ?? planned()?.address ?? '127.0.0.1', port);
  process.stdout.write(`the mirror is at ${server.url}\n`);
  await new Promise(resolve => process.once('SIGINT', resolve).once('SIGTERM', resolve));
  await server.close();
}

async function verify({ mirror, json }: MirrorContext): Promise<void> {
  const wrong = await verifyMirror(mirror);
  const lines = wrong.map(({ file, why }) => `${file} ${why}`);
  if (json) process.stdout.write(`${JSON.stringify({ wrong: lines })}\n`);
  else for (const line of lines) process.stdout.write(`${line}\n`);
  if (wrong.length > 0) {
    const what =
      wrong.length === 1
        ? 'one file of the mirror is wrong'
        : `${wrong.length} files of the mirror are wrong`;
    const components = loadComponents();
    const files = wrong.map(({ file }) => file);
    throw new KfsError('software-invalid', what, {
      next: curesFor(files, components, loadImages(components)),
    });
  }
  if (!json) process.stdout.write('every file of the mirror is as its digest says\n');
}

async function list({ mirror, json }: MirrorContext): Promise<void> {
  const rows = await listMirror(mirror);
  if (json) return void process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
  for (const { path, files, bytes } of rows)
    process.stdout.write(`${path.padEnd(44)} ${mebibytes(bytes).padStart(10)}  ${files.join(' ')}\n`);
  const total = rows.reduce((sum, row) => sum + row.bytes, 0);
  process.stdout.write(`${'in all'.padEnd(44)} ${mebibytes(total).padStart(10)}\n`);
}

const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(bytes < 10 * 2 ** 20 ? 1 : 0)} MiB`;
