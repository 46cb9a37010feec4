import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { CHECKOUT } from './context.ts';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'kfs-lint-')));
after(() => rmSync(root, { recursive: true }));

function kfs(...args: string[]) {
  const env = { ...process.env, NO_COLOR: '1', KFS_STATE: join(root, 'state') };
  const main = join(CHECKOUT, 'runner', 'cli', 'main.ts');
  return spawnSync(process.execPath, [main, ...args], { cwd: root, env, encoding: 'utf8' });
}

function book(name: string, text: string): string {
  mkdirSync(join(root, name, 'one'), { recursive: true });
  writeFileSync(join(root, name, 'one', 'a.mdx'), `---\ntitle: A\ndescription: d\n---\n\n${text}\n`);
  return name;
}

const GOOD = '```sh step="go" on="workstation"\necho "$KFS_CLUSTER"\n```\n\n```sh check="go"\ntrue\n```';

test('kfs lint prints each finding with the path from here, and exits with 1', () => {
  const { status, stdout } = kfs('lint', '--book', book('bad', GOOD.replace('CLUSTER', 'CLUSTR')));
  assert.equal(status, 1);
  assert.match(
    stdout,
    /^bad\/one\/a\.mdx:7:7: `\$KFS_CLUSTR` is not defined by the plan; .*; .* \[variable\]\n/,
  );
  assert.match(stdout, /1 chapter, 1 step: 1 finding\n$/);
});

test('kfs lint --json is for programs', () => {
  const { status, stdout } = kfs('lint', '--json', '--book', book('worse', GOOD.replace('true', 'exit')));
  const result = JSON.parse(stdout) as { findings: { rule: string; place: object }[]; chapters: number };
  assert.equal(status, 1);
  assert.deepEqual(
    result.findings.map(({ rule, place }) => [rule, place]),
    [['exit-or-set', { file: 'worse/one/a.mdx', line: 11, column: 1 }]],
  );
  assert.equal(result.chapters, 1);
});

test('kfs lint says nothing of a sound book, and exits with 0', () => {
  const { status, stdout, stderr } = kfs('lint', '--book', book('good', GOOD));
  assert.equal(status, 0, stdout + stderr);
  assert.equal(stdout, '1 chapter, 1 step: nothing found\n');
});

test('kfs export writes the scripts of a chapter, and a script runs', () => {
  book('good', GOOD);
  const { status, stdout, stderr } = kfs('export', 'one/a', '--book', 'good', '--out', 'out');
  assert.equal(status, 0, stderr);
  assert.equal(stdout, 'out/one-a/workstation.sh\n');
  assert.match(stderr, /there is no plan/);
  const ran = spawnSync('bash', ['out/one-a/workstation.sh'], {
    cwd: root,
    env: { PATH: process.env.PATH, HOME: root, KFS_CLUSTER: 'x' },
    encoding: 'utf8',
  });
  assert.equal(ran.status, 0, ran.stderr);
  assert.match(ran.stdout, /done already: its check holds/);
  const unknown = kfs('export', 'one/b', '--book', 'good');
  assert.deepEqual([unknown.status, /has no chapter one\/b/.test(unknown.stderr)], [2, true]);
});
