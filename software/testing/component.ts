/** A component of two small programs, as software/<name>/component.yaml would describe it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Component } from '../component.ts';

export function testComponent(folder: string, name = 'sample', programs = ['one', 'two']): Component {
  const home = join(folder, 'components', name);
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'go.mod'), `module example.com/${name}\n`);
  return {
    name,
    folder: home,
    about: 'a sample',
    version: '1.2.3',
    licence: 'MIT',
    home: 'https://example.com',
    optional: false,
    go: {
      programs: Object.fromEntries(programs.map(program => [program, `example.com/${name}/${program}`])),
      stamps: {},
    },
  };
}
