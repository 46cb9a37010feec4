/** Asks the Go module proxy and Debian, through the builder, for newer versions of what we build. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { APT_IN_TMP } from './builder/apt.ts';
import type { Builder } from './builder/builder.ts';
import { cacheFolder } from './builder/cache.ts';
import type { Component } from './component.ts';
import { GO } from './inputs.ts';

export interface Newer {
  name: string;
  version: string;
  newest: string;
}

/** Components whose module has a newer release of the same major version, or whose package another version. */
export async function outdated(components: Component[], builder: Builder): Promise<Newer[]> {
  const newer: Newer[] = [];
  for (const component of components) {
    const { name, version, debian } = component;
    const have = debian?.version ?? version;
    const newest = debian
      ? await newestPackage(debian.package, builder)
      : await newestModule(component, builder);
    const rebuilt = newest?.startsWith(`${have}+`);
    if (newest && newest !== have && !rebuilt) newer.push({ name, version: have, newest });
  }
  return newer;
}

/** Without the v; undefined for what is no module of others. Runs outside any module, so that no go.mod is touched. */
async function newestModule(component: Component, builder: Builder): Promise<string | undefined> {
  const [program = ''] = Object.values({ ...component.go?.programs, ...component.go?.tests });
  const module = owningModule(readFileSync(join(component.folder, 'go.mod'), 'utf8'), program);
  if (!module) return undefined;
  const modules = cacheFolder('go-mod');
  const asked = await builder.run(['go', 'list', '-m', '-f', '{{.Version}}', `${module.path}@latest`], {
    binds: [modules],
    env: { GOTOOLCHAIN: GO, GOMODCACHE: modules, GOFLAGS: '-modcacherw', GOENV: 'off' },
    what: `asking for newer versions of ${component.name}`,
  });
  return asked.output.trim().replace(/^v/, '');
}

/** Pure: the module of a go.mod text that holds a package; the longest path where modules are nested. */
export function owningModule(goMod: string, program: string): { path: string; version: string } | undefined {
  const required = [...goMod.matchAll(/^(?:require\s+|\t)(\S+) v(\S+)/gm)];
  return required
    .map(([, path = '', version = '']) => ({ path, version }))
    .filter(({ path }) => program === path || program.startsWith(`${path}/`))
    .sort((a, b) => b.path.length - a.path.length)[0];
}

async function newestPackage(name: string, builder: Builder): Promise<string | undefined> {
  const script = `${APT_IN_TMP}\napt-get -qq update && apt-cache policy ${name}`;
  const asked = await builder.run(['sh', '-c', script], {
    what: `asking Debian for newer versions of ${name}`,
  });
  return asked.output.match(/^ *Candidate: (\S+)$/m)?.[1];
}
