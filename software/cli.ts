/** `kfs software build|verify|pin|status|outdated` and `kfs mirror serve|verify`. Wired by runner/cli/software.ts. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { KfsError } from '../runner/errors.ts';
import { type Built, buildAll } from './build-all.ts';
import { ensureBuilder } from './builder/builder.ts';
import type { Report } from './builder/cache.ts';
import { type Component, loadComponents } from './component.ts';
import { loadImages } from './image-list.ts';
import { buildFolder } from './inputs.ts';
import { fillMirror, verifyMirror } from './mirror.ts';
import { outdated } from './outdated.ts';
import { pin } from './pinned.ts';
import { serveMirror } from './serve.ts';
import { readSums, sumsOf } from './sums.ts';

export interface SoftwareContext {
  /** The mirror's folder in the state directory. */
  mirror: string;
  json: boolean;
  report: Report;
}

type Context = (command: Command) => SoftwareContext;

export function register(program: Command, context: Context): void {
  const software = program
    .command('software')
    .description('the pinned programs of the cluster, built from source');
  software
    .command('build')
    .description('build what is not built yet, and fill the mirror with it')
    .argument('[component...]', 'only these; nothing is all')
    .option('--no-mirror', 'build only, leave the mirror alone')
    .action((names: string[], flags: { mirror: boolean }, command: Command) =>
      build(names, flags, context(command)),
    );
  software
    .command('verify')
    .description('compare every finished build with its own digests and with the pinned ones')
    .action((_flags: unknown, command: Command) => verify(context(command)));
  software
    .command('pin')
    .description('after a change of version on purpose: build, and write software/SHA256SUMS')
    .argument('[component...]')
    .action((names: string[], _flags: unknown, command: Command) => pinAll(names, context(command)));
  software
    .command('status')
    .description('every component: version, whether it is built, where')
    .action((_flags: unknown, command: Command) => status(context(command)));
  software
    .command('outdated')
    .description('newer versions that the Go module proxy knows')
    .action((_flags: unknown, command: Command) => printOutdated(context(command)));
  registerMirror(program, context);
}

function registerMirror(program: Command, context: Context): void {
  const mirror = program.command('mirror').description('the folder of software that the machines fetch from');
  mirror
    .command('serve')
    .description('serve it over HTTP until Ctrl-C')
    .option('--address <address>', 'where to listen', '127.0.0.1')
    .option('--port <port>', 'port', '8080')
    .action(async (flags: { address: string; port: string }, command: Command) => {
      const server = await serveMirror(context(command).mirror, flags.address, Number(flags.port));
      process.stdout.write(`the mirror is at ${server.url}\n`);
      await new Promise(resolve => process.once('SIGINT', resolve).once('SIGTERM', resolve));
      await server.close();
    });
  mirror
    .command('verify')
    .description('compare every file with SHA256SUMS')
    .action(async (_flags: unknown, command: Command) => {
      const wrong = await verifyMirror(context(command).mirror);
      for (const line of wrong) process.stdout.write(`${line}\n`);
      if (wrong.length > 0) {
        throw new KfsError('software-invalid', `${wrong.length} files of the mirror are wrong`, {
          next: 'kfs software build puts them right',
        });
      }
      process.stdout.write('every file of the mirror is as its digest says\n');
    });
}

function choose(names: string[]): Component[] {
  const all = loadComponents();
  for (const name of names) {
    if (!all.some(component => component.name === name)) {
      throw new KfsError('usage', `there is no component ${name}`, {
        next: all.map(({ name }) => name).join(', '),
      });
    }
  }
  return names.length === 0 ? all : all.filter(({ name }) => names.includes(name));
}

/** Ctrl-C stops the build; what is finished stays. */
function interruptible(): AbortSignal {
  const controller = new AbortController();
  process.once('SIGINT', () => controller.abort()).once('SIGTERM', () => controller.abort());
  return controller.signal;
}

async function build(names: string[], flags: { mirror: boolean }, context: SoftwareContext): Promise<void> {
  const signal = interruptible();
  const { report } = context;
  const components = choose(names);
  const built = await builtOf(components, report, signal);
  if (flags.mirror) {
    const have = new Set(built.map(({ component }) => component.name));
    const images = have.has('crane') && have.has('registry') ? loadImages(loadComponents()) : [];
    const possible = images.filter(image =>
      Object.values(image.files).every(file => have.has(file.split('/')[0]!)),
    );
    await fillMirror(context.mirror, built, possible, report, signal);
  }
  report({ phase: 'software', done: 1, total: 1, text: `${built.length} components are built` });
}

/** Without the builder when everything is in the cache: then it takes no time at all. */
async function builtOf(components: Component[], report: Report, signal: AbortSignal): Promise<Built[]> {
  const builder = components.every(component => existsSync(buildFolder(component)))
    ? (undefined as never)
    : await ensureBuilder(report, signal);
  return buildAll(components, { builder, report, signal });
}

async function verify({ json }: SoftwareContext): Promise<void> {
  const rows = [];
  for (const component of loadComponents()) {
    const folder = buildFolder(component);
    if (!existsSync(folder)) continue;
    const said = await readSums(join(folder, 'SHA256SUMS'));
    const real = await sumsOf(folder, Object.keys(said));
    const wrong = Object.keys(said).filter(name => said[name] !== real[name]);
    rows.push({ component: component.name, wrong });
    if (!json)
      process.stdout.write(`${wrong.length === 0 ? '✔' : '✘'} ${component.name} ${wrong.join(' ')}\n`);
  }
  if (json) process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
  const bad = rows.find(row => row.wrong.length > 0);
  if (bad) {
    throw new KfsError(
      'software-invalid',
      `${bad.component}: ${bad.wrong.join(', ')} changed after it was built`,
      {
        next: `remove its folder in the cache and run kfs software build ${bad.component}`,
      },
    );
  }
}

async function pinAll(names: string[], { report }: SoftwareContext): Promise<void> {
  const signal = interruptible();
  const built = await buildAll(choose(names), {
    builder: await ensureBuilder(report, signal),
    report,
    signal,
    unpinned: true,
  });
  await pin(built, loadComponents());
  process.stdout.write(
    `pinned ${built.map(({ component }) => component.name).join(', ')} in software/SHA256SUMS\n`,
  );
}

function status({ json }: SoftwareContext): void {
  const rows = loadComponents().map(component => {
    const folder = buildFolder(component);
    const { name, version, licence, about } = component;
    return { name, version, licence, about, built: existsSync(folder), folder };
  });
  if (json) process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
  else
    for (const row of rows)
      process.stdout.write(
        `${row.built ? '✔' : '·'} ${row.name.padEnd(24)} ${row.version.padEnd(9)} ${row.about}\n`,
      );
}

async function printOutdated({ json }: SoftwareContext): Promise<void> {
  const rows = await outdated(loadComponents());
  if (json) process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
  else if (rows.length === 0) process.stdout.write('every component is at its newest version\n');
  else
    for (const row of rows) process.stdout.write(`${row.name.padEnd(24)} ${row.version} → ${row.newest}\n`);
}
