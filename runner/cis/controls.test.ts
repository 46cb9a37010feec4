import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { compileBook } from '../book/compile.ts';
import { CHECKOUT } from '../state.ts';
import { type Benchmark, choose, readBenchmark, scriptOf } from './controls.ts';

/** How many controls each section of edition 2.0.1 has. Within a section they are numbered without a gap. */
const SECTIONS: [string, number][] = [
  ['1.1', 21],
  ['1.2', 30],
  ['1.3', 7],
  ['1.4', 2],
  ['2', 7],
  ['3.1', 3],
  ['3.2', 2],
  ['4.1', 10],
  ['4.2', 14],
  ['4.3', 1],
  ['5.1', 13],
  ['5.2', 12],
  ['5.3', 2],
  ['5.4', 2],
  ['5.5', 1],
  ['5.6', 4],
];

const folder = mkdtempSync(join(tmpdir(), 'kfs-cis-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const benchmark = readBenchmark(CHECKOUT) as Benchmark;
const { functions } = benchmark;
const controls = choose(benchmark, []);

test('every control of the benchmark is there once, in its section, in order', () => {
  assert.equal(benchmark.benchmark.version, '2.0.1');
  const expected = SECTIONS.map(([section, count]) => [
    section,
    Array.from({ length: count }, (_, index) => `${section}.${index + 1}`),
  ]);
  const found = benchmark.sections.map(({ id, controls }) => [id, controls.map(control => control.id)]);
  assert.deepEqual(found, expected);
});

test('every step that is said to meet a control is in the book', async () => {
  const { steps } = await compileBook(CHECKOUT);
  const known = new Set(steps.map(({ id }) => id));
  const lost = controls.flatMap(({ id, steps }) =>
    steps.filter(step => !known.has(step)).map(step => `${id}: ${step}`),
  );
  assert.deepEqual(lost, []);
});

test('every command is sound shell', () => {
  const files = controls.map(control => {
    const file = join(folder, `${control.id}.sh`);
    writeFileSync(file, `#!/bin/bash -eu\n${scriptOf(benchmark, control)}`);
    return file;
  });
  // The runner exports the plan's variables (SC2154), and a command need not use every function (SC2329).
  const options = ['--severity=warning', '--exclude=SC2154,SC2329', '--format=gcc', '--norc'];
  const { stdout, error } = spawnSync('shellcheck', [...options, ...files], { encoding: 'utf8' });
  assert.ifError(error);
  assert.equal(stdout, '');
});

const failing: [string, string][] = [
  ['a line that is missing', "printf 'a\\nb\\n' | has a c"],
  ['a line that is only a part of another', "printf 'ab\\n' | has a"],
  ['nothing at all, where lines should be', 'true | every a'],
  ['one line that is not as the others', "printf 'a\\nb\\n' | every a"],
  ['a flag that should not be there', "printf -- '--x=1\\n--y\\n' | lacks --x"],
  ['no process whose flags could be looked at', 'true | lacks --x'],
  ['something, where nothing should be', 'echo a | none'],
  ['a program before it that failed', 'false | none'],
  ['a unit that does not run', 'running no-such-unit | lacks --x'],
  ['a file that is not there', 'rights /no/such/file | every root'],
];
for (const [what, command] of failing)
  test(`a command fails at ${what}`, () => {
    const sudo = 'sudo() { "$@"; }\n';
    const { status, error } = spawnSync('bash', [
      '-euo',
      'pipefail',
      '-c',
      `${sudo}${functions}\n${command}`,
    ]);
    assert.ifError(error);
    assert.notEqual(status, 0);
  });

test('a command holds when everything is as it says', () => {
  const command =
    "printf -- '--a=1\\n--b\\n' | has '--a=.*' --b; echo a | every a; echo a | lacks --x; true | none";
  const { status, stderr } = spawnSync('bash', ['-euo', 'pipefail', '-c', `${functions}\n${command}`]);
  assert.equal(status, 0, String(stderr));
});

test('a control is met, or met in another way, or an exception, and not two of these', () => {
  assert.deepEqual(
    controls.filter(({ instead, exception }) => instead && exception).map(({ id }) => id),
    [],
  );
});

test('controls are chosen by their number or by their section', () => {
  const ids = choose(benchmark, ['1.4', '5.5.1']).map(({ id }) => id);
  assert.deepEqual(ids, ['1.4.1', '1.4.2', '5.5.1']);
  assert.throws(() => choose(benchmark, ['9.9']), /no control 9\.9/);
});

test('an exception without an argument is refused, and the place is named', () => {
  const control = { id: '1.1.1', asks: 'x', on: 'node', steps: ['x'], show: 'true', exception: 'we do not' };
  const source = { what: 'x', url: 'https://example.org/' };
  const text = {
    benchmark: { version: '1', covers: 'x', source },
    functions: 'true',
    sections: [{ id: '1.1', title: 'x', controls: [control] }],
  };
  mkdirSync(join(folder, 'content'), { recursive: true });
  writeFileSync(join(folder, 'content', 'cis.yaml'), JSON.stringify(text));
  assert.throws(() => readBenchmark(folder), /exception/);
  assert.equal(readBenchmark(join(folder, 'content')), undefined);
});
