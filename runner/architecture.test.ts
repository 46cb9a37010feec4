import assert from 'node:assert/strict';
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';

const ROOT = resolve(import.meta.dirname, '..');

/** Which layers may be imported by which; what is not listed may not. Types count like values. */
const MAY_IMPORT: Record<string, string[]> = {
  'runner/errors.ts': [],
  'runner/duration.ts': [],
  'runner/state.ts': [],
  'runner/host-packages.ts': ['runner/errors.ts'],
  'runner/events.ts': ['runner/book'],
  'runner/book': ['runner/errors.ts', 'runner/duration.ts'],
  'runner/plan': ['runner/errors.ts', 'runner/state.ts'],
  'runner/machine': ['runner/errors.ts'],
  'runner/pki/summary.ts': [],
  'runner/pki': ['runner/errors.ts', 'runner/state.ts', 'runner/plan', 'runner/pki/summary.ts'],
  'runner/cis': ['runner/errors.ts', 'runner/state.ts', 'runner/plan', 'runner/machine'],
  'runner/journal': ['runner/errors.ts', 'runner/events.ts', 'runner/state.ts'],
  'runner/run': [
    'runner/errors.ts',
    'runner/duration.ts',
    'runner/events.ts',
    'runner/state.ts',
    'runner/book',
    'runner/plan',
    'runner/machine',
    'runner/journal',
  ],
  'runner/protocol': ['runner/errors.ts', 'runner/events.ts', 'runner/book', 'runner/pki/summary.ts'],
  'components/browser': ['runner/protocol', 'runner/events.ts', 'runner/duration.ts'],
  'components/build': ['runner/book', 'runner/errors.ts', 'runner/duration.ts'],
  lab: ['runner/errors.ts', 'runner/host-packages.ts', 'software'],
  software: ['runner/errors.ts', 'runner/host-packages.ts'],
};

/** Free to import anything: they wire. */
const WIRING = [
  'runner/server',
  'runner/cli',
  'runner/architecture.ts',
  'e2e',
  'components',
  'pages',
  'astro.config.mjs',
];

const LAYERS = [...Object.keys(MAY_IMPORT), ...WIRING].sort((a, b) => b.length - a.length);

/** A test belongs to the layer of what it tests. */
const layerOf = (path: string): string | undefined => {
  const file = path.replace(/\.test\.ts$/, '.ts');
  return LAYERS.find(layer => file === layer || file.startsWith(`${layer}/`));
};

const sources = (): string[] =>
  globSync(['{runner,components,lab,software,e2e,pages}/**/*.{ts,astro}'], { cwd: ROOT }).filter(
    file => !file.endsWith('.d.ts'),
  );

/** Relative imports of a file, as paths from the root. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const found = text.matchAll(/(?:\bfrom|\bimport|import\()\s*['"](\.{1,2}\/[^'"?]+)[^'"]*['"]/g);
  return [...found].map(match => relative(ROOT, resolve(ROOT, dirname(file), match[1]!)));
}

test('dependencies point one way: no layer imports what it may not', () => {
  const wrong: string[] = [];
  for (const file of sources()) {
    const layer = layerOf(file);
    assert.ok(layer, `${file} belongs to no layer: add it to this test`);
    const allowed = MAY_IMPORT[layer];
    // A test may use what it needs to set up a real situation.
    if (!allowed || file.endsWith('.test.ts') || file.includes('/testing/')) continue;
    for (const target of importsOf(file)) {
      const other = layerOf(target);
      if (other && other !== layer && !allowed.includes(other)) wrong.push(`${file} imports ${target}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test('the test above sees an import where there is one', () => {
  assert.ok(importsOf('runner/cli/run.ts').includes('runner/errors.ts'));
});

test('the map in runner/README.md names every folder, and only what exists', () => {
  const map = readFileSync(join(ROOT, 'runner/README.md'), 'utf8');
  const named = [...map.matchAll(/`((?:runner|components|lab|software|e2e|content)\/[\w./-]*)`/g)].map(
    match => match[1]!,
  );
  for (const path of named)
    assert.ok(existsSync(join(ROOT, path)), `${path} is on the map but does not exist`);
  for (const entry of readdirSync(join(ROOT, 'runner'), { withFileTypes: true })) {
    if (entry.isDirectory())
      assert.ok(named.includes(`runner/${entry.name}/`), `runner/${entry.name}/ is not on the map`);
  }
});
