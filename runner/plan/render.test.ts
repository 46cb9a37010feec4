import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { statePaths } from '../state.ts';
import { parsePlan } from './load.ts';
import { renderState } from './render.ts';
import { ONE, replaced } from './testing/plans.ts';

const options = { checkout: '/checkout' };
const planOf = (text: string) =>
  parsePlan(text, 'cluster.yaml').plan ?? assert.fail('the test plan is wrong');

function state(t: TestContext) {
  const dir = mkdtempSync(join(tmpdir(), 'render-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return statePaths(join(dir, 'state'));
}

const modeOf = (file: string): string => (statSync(file).mode & 0o777).toString(8);

test('both files are written, readable by their owner alone', t => {
  const paths = state(t);
  assert.deepEqual(renderState(planOf(ONE), paths, options), [paths.env, paths.sshConfig]);
  assert.match(readFileSync(paths.env, 'utf8'), /^export KFS_CLUSTER='home'$/m);
  assert.deepEqual([paths.env, paths.sshConfig].map(modeOf), ['600', '600']);
  assert.deepEqual([paths.root, dirname(paths.sshConfig), paths.work].map(modeOf), ['700', '700', '700']);
});

test('what is as it should be is not written again', t => {
  const paths = state(t);
  renderState(planOf(ONE), paths, options);
  const before = statSync(paths.env).ino;
  assert.deepEqual(renderState(planOf(ONE), paths, options), []);
  assert.equal(statSync(paths.env).ino, before);
});

test('only what a change concerns is written, and nothing is left beside it', t => {
  const paths = state(t);
  renderState(planOf(ONE), paths, options);
  assert.deepEqual(renderState(planOf(replaced(ONE, 'name: home', 'name: away')), paths, options), [
    paths.env,
  ]);
  assert.match(readFileSync(paths.env, 'utf8'), /KFS_CLUSTER='away'/);
  assert.deepEqual(readdirSync(paths.root).sort(), ['cluster.env', 'ssh', 'work']);
});

test('a file that others can read is closed again', t => {
  const paths = state(t);
  renderState(planOf(ONE), paths, options);
  chmodSync(paths.sshConfig, 0o644);
  assert.deepEqual(renderState(planOf(ONE), paths, options), [paths.sshConfig]);
  assert.equal(modeOf(paths.sshConfig), '600');
});

test('a state directory that cannot be made is a clear error', t => {
  const paths = state(t);
  mkdirSync(dirname(paths.root), { recursive: true });
  writeFileSync(paths.root, 'a file in the way');
  assert.throws(() => renderState(planOf(ONE), paths, options), { code: 'state-broken' });
});
