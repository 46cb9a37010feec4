/** What decides the bytes of a build, as one digest; and where a finished build is kept. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, digestOf } from './builder/cache.ts';
import type { Component } from './component.ts';

/** The exact Go that builds everything; a Go module itself (golang.org/toolchain), checked by its sum. */
export const GO = 'go1.26.8';

/** Architecture, in Debian's and Go's common name. */
export const ARCH = 'amd64';

/** Raise when flags or environment of the recipe (`go-build.ts`, `debian-files.ts`) change what comes out. */
const RECIPE = '1';

/** Hex; covers version, programs, stamps, go.mod, go.sum and Go files; not the description. */
export function inputsDigest({ version, go, debian, folder }: Component): string {
  if (debian) return digestOf(RECIPE, 'debian', ARCH, version, JSON.stringify(debian));
  const sources = readdirSync(folder)
    .filter(name => /\.(go|mod|sum)$/.test(name))
    .sort()
    .flatMap(name => [name, readFileSync(join(folder, name))]);
  return digestOf(RECIPE, GO, ARCH, version, JSON.stringify(go), ...sources);
}

/** Folder of the finished build: its programs and `SHA256SUMS`. Exists only when complete. */
export const buildFolder = (component: Component): string =>
  cacheFolder('software', component.name, `${component.version}-${inputsDigest(component)}`);
