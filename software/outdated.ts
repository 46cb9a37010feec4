/** Asks the Go module proxy, through the go command of the builder, for newer versions of what we build. */
import { join } from 'node:path';
import { ensureBuilder } from './builder/builder.ts';
import { cacheFolder } from './builder/cache.ts';
import type { Component } from './component.ts';
import { GO } from './inputs.ts';

export interface Newer {
  name: string;
  version: string;
  newest: string;
}

/** Components whose first module has a newer release of the same major version. */
export async function outdated(components: Component[]): Promise<Newer[]> {
  const builder = await ensureBuilder();
  const modules = cacheFolder('go-mod');
  const newer: Newer[] = [];
  for (const component of components) {
    const listed = await builder.run(
      ['go', 'list', '-mod=mod', '-m', '-u', '-json=Path,Version,Update,Indirect,Main', 'all'],
      {
        binds: [{ from: component.folder, to: '/src' }, modules],
        cwd: '/src',
        env: { GOTOOLCHAIN: GO, GOMODCACHE: modules, GOFLAGS: '', GOENV: 'off' },
        what: `asking for newer versions of ${component.name}`,
      },
    );
    const newest = newestOf(listed.output, Object.values(component.go.programs));
    if (newest && newest !== `v${component.version}`) {
      newer.push({ name: component.name, version: component.version, newest: newest.slice(1) });
    }
  }
  return newer;
}

/** Pure: the newest version of the module that holds the first program, or undefined when there is none newer. */
export function newestOf(output: string, programs: string[]): string | undefined {
  const modules = output
    .split(/^(?=\{)/m)
    .filter(Boolean)
    .map(text => JSON.parse(text) as { Path: string; Update?: { Version: string } });
  const [program = ''] = programs;
  const owner = modules
    .filter(({ Path }) => program === Path || program.startsWith(join(Path, '/')))
    .sort((a, b) => b.Path.length - a.Path.length)[0];
  return owner?.Update?.Version;
}
