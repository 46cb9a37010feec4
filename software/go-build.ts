/** Builds the programs of a Go component in the builder, the same bytes everywhere. */
import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Builder } from './builder/builder.ts';
import { cached, cacheFolder, type Report } from './builder/cache.ts';
import type { Component } from './component.ts';
import { buildFolder, GO } from './inputs.ts';
import { formatSums, sumsOf } from './sums.ts';

export interface GoBuildOptions {
  builder: Builder;
  report?: Report;
  signal?: AbortSignal;
  /** Go's own caches; a test of reproducibility gives fresh ones. */
  goCache?: string;
  /** Where it is built; a test of reproducibility gives another. Default: the cache. */
  folder?: string;
}

/** Free space that one component needs while it is built: Kubernetes takes most. */
const SPACE = 6 * 2 ** 30;

/** Returns the folder of the finished build, building it first if it is not in the cache. */
export function buildComponent(component: Component, options: GoBuildOptions): Promise<string> {
  return cached({
    path: options.folder ?? buildFolder(component),
    what: `${component.name} ${component.version}`,
    space: SPACE,
    report: options.report,
    signal: options.signal,
    make: draft => build(component, draft, options),
  });
}

async function build(component: Component, draft: string, options: GoBuildOptions): Promise<void> {
  await mkdir(draft, { recursive: true });
  const goCache = options.goCache ?? cacheFolder('go-build');
  const modules = cacheFolder('go-mod');
  await mkdir(goCache, { recursive: true });
  await mkdir(modules, { recursive: true });
  const log = createWriteStream(join(draft, 'build.log'));
  const inside = {
    binds: [{ from: component.folder, to: '/src' }, { from: draft, to: '/out' }, goCache, modules],
    cwd: '/src',
    env: environment(goCache, modules),
    signal: options.signal,
  };
  try {
    const total = await countPackages(component, options.builder, inside);
    const meter = compileMeter(component, total, options.report, line => log.write(`${line}\n`));
    for (const [name, path] of Object.entries(component.go.programs)) {
      const what = `building ${name} of ${component.name} ${component.version}`;
      await options.builder.run(goBuildArgv(component, name, path), { ...inside, onLine: meter, what });
    }
  } finally {
    await new Promise(resolve => log.end(resolve));
  }
  const sums = await sumsOf(draft, Object.keys(component.go.programs));
  await writeFile(join(draft, 'SHA256SUMS'), formatSums(sums));
}

/** How many packages the programs have in all, for the percentage. Fetches the modules as a side effect. */
async function countPackages(
  component: Component,
  builder: Builder,
  inside: Parameters<Builder['run']>[1],
): Promise<number> {
  const paths = Object.values(component.go.programs);
  const what = `fetching the modules of ${component.name}`;
  const listed = await builder.run(['go', 'list', '-deps', ...paths], { ...inside, what });
  return new Set(listed.output.split('\n').filter(Boolean)).size;
}

/**
 * Pure: one program. `-trimpath` keeps paths of the builder out of it, `-buildvcs=false` the state of any
 * checkout, `-s -w` the symbol tables; the empty build id takes out what depends on intermediate files.
 */
export function goBuildArgv(component: Component, name: string, path: string): string[] {
  const stamps = Object.entries(component.go.stamps).map(([variable, value]) => `-X ${variable}=${value}`);
  const linker = ['-s', '-w', '-buildid=', ...stamps].join(' ');
  return [
    'go',
    'build',
    '-v',
    '-trimpath',
    '-buildvcs=false',
    '-mod=readonly',
    '-ldflags',
    linker,
    '-o',
    `/out/${name}`,
    path,
  ];
}

/** No C, one architecture level, the pinned Go whatever the builder has. */
const environment = (goCache: string, modules: string): Record<string, string> => ({
  GOTOOLCHAIN: GO,
  GOFLAGS: '',
  CGO_ENABLED: '0',
  GOOS: 'linux',
  GOARCH: 'amd64',
  GOAMD64: 'v1',
  GOCACHE: goCache,
  GOMODCACHE: modules,
  GOENV: 'off',
});

/** `go build -v` names each package that it compiles; those that the cache has are not named. */
function compileMeter(
  component: Component,
  total: number,
  report: Report = () => {},
  log: (line: string) => void,
) {
  let done = 0;
  return (line: string) => {
    log(line);
    if (!/^[\w./-]+$/.test(line)) return;
    done = Math.min(done + 1, total);
    report({ phase: component.name, done, total, text: line });
  };
}
