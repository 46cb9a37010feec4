/** Builds the programs of a Go component in the builder, the same bytes everywhere. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Work } from './build.ts';
import type { RunOptions } from './builder/builder.ts';
import { cacheFolder } from './builder/cache.ts';
import { filesOf, type GoRecipe } from './component.ts';
import { type CompileMeter, compileMeter } from './go-meter.ts';
import { ARCH, GO } from './inputs.ts';

export async function buildGo(work: Work, recipe: GoRecipe): Promise<void> {
  const { component, builder, draft, signal, log } = work;
  const goCache = work.goCache ?? cacheFolder('go-build');
  const modules = cacheFolder('go-mod');
  const temporary = join(draft, 'tmp');
  for (const folder of [goCache, modules, temporary]) await mkdir(folder, { recursive: true });
  const inside: RunOptions = {
    binds: [{ from: component.folder, to: '/src' }, { from: draft, to: '/out' }, goCache, modules],
    cwd: '/src',
    env: environment(goCache, modules),
  };
  const meter = compileMeter(component.name, work.report);
  await prepare(work, recipe, inside, meter);
  for (const name of filesOf(component)) {
    const onLine = (line: string) => {
      log(line);
      meter.line(line);
    };
    const what = `building ${name} of ${component.name} ${component.version}`;
    await builder.run(goBuildArgv(recipe, name), { ...inside, signal, onLine, what });
    meter.linked(name);
  }
  await rm(temporary, { recursive: true, force: true });
}

/** Fetches the modules, and finds out how much there is to compile: what Go's cache has is not compiled again. */
async function prepare(work: Work, recipe: GoRecipe, inside: RunOptions, meter: CompileMeter): Promise<void> {
  const { component, builder, signal, log } = work;
  const paths = [...Object.values(recipe.programs), ...Object.values(recipe.tests ?? {})];
  const tests = recipe.tests ? ['-test'] : [];
  const onLine = (line: string) => {
    log(line);
    meter.line(line);
  };
  const template = '{{if .Stale}}stale {{.ImportPath}}{{end}}';
  const argv = ['go', 'list', ...FLAGS, '-deps', ...tests, '-f', template, ...paths];
  await builder.run(argv, { ...inside, signal, onLine, what: `fetching the modules of ${component.name}` });
  meter.begin(paths.length);
}

//#region command
/** `-trimpath` keeps paths of the builder out of the program, `-buildvcs=false` the state of any checkout. */
const FLAGS = ['-trimpath', '-buildvcs=false', '-mod=readonly'];

/**
 * Pure: one program, or the tests of a package as one. `-v` names each package as it is compiled; `-s -w` leaves the symbol tables out; the empty
 * build id takes out what depends on intermediate files.
 */
export function goBuildArgv(recipe: GoRecipe, name: string): string[] {
  const stamps = Object.entries(recipe.stamps).map(([variable, value]) => `-X ${variable}=${value}`);
  const linker = ['-s', '-w', '-buildid=', ...stamps].join(' ');
  const result = ['-ldflags', linker, '-o', `/out/${name}`];
  const program = recipe.programs[name];
  if (program) return ['go', 'build', '-v', ...FLAGS, ...result, program];
  return ['go', 'test', '-c', '-v', ...FLAGS, ...result, recipe.tests?.[name] ?? ''];
}
//#endregion

//#region environment
/** No C, one architecture level, the pinned Go whatever the builder has; a module cache that can be removed. */
const environment = (goCache: string, modules: string): Record<string, string> => ({
  GOTOOLCHAIN: GO,
  GOFLAGS: '-modcacherw',
  CGO_ENABLED: '0',
  GOOS: 'linux',
  GOARCH: ARCH,
  GOAMD64: 'v1',
  GOCACHE: goCache,
  GOMODCACHE: modules,
  GOTMPDIR: '/out/tmp',
  GOENV: 'off',
});
//#endregion
