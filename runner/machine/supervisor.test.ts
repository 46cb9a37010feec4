import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { supervisor } from './supervisor.ts';

const paths = supervisor().files.map(({ name }) => join(import.meta.dirname, 'supervisor', name));
const noShellcheck = spawnSync('shellcheck', ['--version']).error
  ? 'shellcheck is missing: sudo apt-get install shellcheck'
  : false;

it('every file of the supervisor is shell that parses', () => {
  for (const path of paths)
    assert.equal(spawnSync('bash', ['-n', path], { encoding: 'utf8' }).stderr, '', path);
});

it('shellcheck has nothing to warn about, but for names that the files share', { skip: noShellcheck }, () => {
  const argv = ['--shell=bash', '--severity=warning', '--exclude=SC2154,SC2034', ...paths];
  assert.equal(spawnSync('shellcheck', argv, { encoding: 'utf8' }).stdout, '');
});

it('the supervisor uses no program beyond a stock Debian', () => {
  const text = paths.map(path => readFileSync(path, 'utf8').replace(/^\s*#.*$/gm, '')).join('\n');
  for (const absent of ['python', 'perl', 'node', 'socat', 'expect', 'pgrep', 'pkill', 'fuser', 'curl']) {
    assert.doesNotMatch(text, new RegExp(`\\b${absent}\\b`), absent);
  }
});
