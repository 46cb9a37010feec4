/** `kfs software build|verify|pin|status|outdated`. Wired by runner/cli/software.ts. */
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { type Built, buildAll } from './build-all.ts';
import { type Builder, ensureBuilder } from './builder/builder.ts';
import type { Report } from './builder/cache.ts';
import { choose } from './choose.ts';
import { type Component, filesOf, loadComponents } from './component.ts';
import { imagePath, isOptional, loadImages } from './image-list.ts';
import { buildFolder } from './inputs.ts';
import { fillMirror } from './mirror.ts';
import { outdated } from './outdated.ts';
import { assertPinnedImages, type Filled, inMirror, mirrorPath, OPTIONAL_FILE, pin } from './pinned.ts';
import type { Sums } from './sums.ts';
import { interruptible } from './terminal.ts';
import { assertRight, type Verdict, verifyBuild } from './verify.ts';

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
    .argument('[component...]', 'only these; nothing is all but the optional ones')
    .option('--no-mirror', 'build only, leave the mirror alone')
    .action((names: string[], flags: { mirror: boolean }, command: Command) =>
      build(names, flags, context(command)),
    );
  software
    .command('verify')
    .description('compare every finished build with its own digests, and these with the pinned ones')
    .action((_flags: unknown, command: Command) => verify(context(command)));
  software
    .command('pin')
    .description(
      'after a change of version on purpose: build, fill the mirror, and write software/SHA256SUMS',
    )
    .argument('[component...]', 'only these; nothing is all')
    .action((names: string[], _flags: unknown, command: Command) => pinAll(names, context(command)));
  software
    .command('status')
    .description('every component: version, whether it is built, how large it is')
    .action((_flags: unknown, command: Command) => status(context(command)));
  software
    .command('outdated')
    .description('newer versions that the Go module proxy and Debian know')
    .argument('[component...]', 'only these; nothing is all')
    .action((names: string[], _flags: unknown, command: Command) => printOutdated(names, context(command)));
}

/** The builder, made once, when the first component asks for it. */
function lazyBuilder(report: Report, signal: AbortSignal): () => Promise<Builder> {
  let builder: Promise<Builder> | undefined;
  return () => (builder ??= ensureBuilder(report, signal));
}

async function build(names: string[], flags: { mirror: boolean }, context: SoftwareContext): Promise<void> {
  const { report, mirror } = context;
  const signal = interruptible();
  const built = await buildAll(choose(loadComponents(), names), {
    builder: lazyBuilder(report, signal),
    report,
    signal,
  });
  if (flags.mirror) await assertPinnedImages(await fill(mirror, built, report, signal));
  report({ phase: 'software', done: 1, total: 1, text: `${built.length} components are built` });
}

function fill(mirror: string, built: Built[], report: Report, signal: AbortSignal): Promise<Filled> {
  const components = loadComponents();
  return fillMirror(mirror, built, { components, images: loadImages(components), report, signal });
}

async function verify({ json }: SoftwareContext): Promise<void> {
  const verdicts: Verdict[] = [];
  for (const component of loadComponents()) {
    if (!existsSync(buildFolder(component))) continue;
    const verdict = await verifyBuild(component);
    verdicts.push(verdict);
    const words = [...verdict.wrong, ...verdict.unpinned.map(file => `${file} (not the pinned one)`)];
    if (!json)
      process.stdout.write(`${words.length === 0 ? '✔' : '✘'} ${component.name} ${words.join(' ')}\n`);
  }
  if (json) process.stdout.write(`${JSON.stringify(verdicts, null, 2)}\n`);
  assertRight(verdicts);
}

async function pinAll(names: string[], { report, mirror }: SoftwareContext): Promise<void> {
  const signal = interruptible();
  const builder = lazyBuilder(report, signal);
  const built = await buildAll(choose(loadComponents(), names), { builder, report, signal, unpinned: true });
  const { sums, images } = await fill(mirror, built, report, signal);
  const fromSource = built.filter(({ component }) => component.go);
  const made: Sums = Object.assign({}, ...fromSource.map(({ component, sums }) => inMirror(component, sums)));
  const reproducible = new Set(
    loadImages(loadComponents())
      .filter(image => image.reproducible)
      .map(imagePath),
  );
  for (const { index } of images) if (reproducible.has(dirname(index))) made[index] = sums[index] ?? '';
  const all = loadComponents();
  await pinAsNeeded(made, all);
  process.stdout.write(`pinned ${Object.keys(made).length} digests in software/SHA256SUMS\n`);
}

/** Each digest into the file of its kind; what no component of that kind has any more is dropped from it. */
async function pinAsNeeded(made: Sums, all: Component[]): Promise<void> {
  const folders = (wanted: boolean): string[] => [
    ...all.filter(({ optional }) => optional === wanted).map(component => mirrorPath(component, '')),
    ...loadImages(all)
      .filter(image => isOptional(image, all) === wanted)
      .map(image => `${imagePath(image)}/`),
  ];
  const only = (wanted: string[]): Sums =>
    Object.fromEntries(
      Object.entries(made).filter(([path]) => wanted.some(folder => path.startsWith(folder))),
    );
  await pin(only(folders(false)), folders(false));
  await pin(only(folders(true)), folders(true), OPTIONAL_FILE);
}

async function status({ json }: SoftwareContext): Promise<void> {
  const rows = [];
  for (const component of loadComponents()) {
    const folder = buildFolder(component);
    const built = existsSync(folder);
    let bytes = 0;
    if (built) for (const file of filesOf(component)) bytes += (await stat(join(folder, file))).size;
    const { name, version, licence, about, optional } = component;
    rows.push({ name, version, licence, about, optional, built, bytes, folder });
  }
  if (json) return void process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
  for (const { name, version, about, optional, built, bytes } of rows) {
    const size = built ? `${Math.round(bytes / 2 ** 20)} MiB` : '';
    process.stdout.write(
      `${built ? '✔' : '·'} ${name.padEnd(23)} ${version.padEnd(8)} ${size.padStart(8)}  ${about}${optional ? ' Only when asked for.' : ''}\n`,
    );
  }
}

/** Of the optional ones, too, one wants to know that they are old. */
const named = (names: string[]) => (names.length === 0 ? loadComponents() : choose(loadComponents(), names));

async function printOutdated(names: string[], { json, report }: SoftwareContext): Promise<void> {
  const rows = await outdated(named(names), await ensureBuilder(report));
  if (json) process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
  else if (rows.length === 0) process.stdout.write('every component is at its newest version\n');
  else
    for (const row of rows) process.stdout.write(`${row.name.padEnd(24)} ${row.version} → ${row.newest}\n`);
}
