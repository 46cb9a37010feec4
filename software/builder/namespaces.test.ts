/** On a host that really forbids them: a namespace in which no further one may be made. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { testFolder } from '../testing/folder.ts';
import { namespacesDenied } from './namespaces.ts';

const here = namespacesDenied(['--user', '--map-root-user', '--net']);
const skip = here ? `no namespace to try it in: ${here.why}` : false;
const KFS = resolve(import.meta.dirname, '..', '..', 'kfs');

function where(limit: number, ...command: string[]) {
  const script = `echo ${limit} >/proc/sys/user/max_user_namespaces && exec "$@"`;
  const argv = ['--user', '--map-root-user', 'sh', '-euc', script, 'sh', ...command];
  return spawnSync('unshare', argv, { encoding: 'utf8' });
}

test('that namespaces are forbidden is told with the setting that allows them', { skip }, () => {
  const module = join(import.meta.dirname, 'namespaces.ts');
  const script = `import { namespacesDenied } from '${module}';
    console.log(JSON.stringify(namespacesDenied(['--user', '--map-root-user']) ?? 'allowed'));`;
  const asked = (limit: number) =>
    JSON.parse(where(limit, process.execPath, '--input-type=module', '-e', script).stdout);
  assert.deepEqual(asked(0), {
    why: 'a user may not make namespaces here: user.max_user_namespaces is 0',
    next: 'sudo sysctl user.max_user_namespaces=10000',
  });
  assert.equal(asked(10), 'allowed');
});

test('a lab is refused there, before a machine is made, with the same words', { skip }, t => {
  const state = join(testFolder(t), 'state');
  const { status, stderr } = where(0, KFS, '--state', state, 'lab', 'up', '--no-power');
  assert.equal(status, 3);
  assert.match(
    stderr,
    /this host cannot run a lab: a user may not make namespaces here: user\.max_user_namespaces is 0\n {2}→ sudo sysctl user\.max_user_namespaces=10000\n$/,
  );
  assert.equal(existsSync(join(state, 'lab', 'machines')), false);
});
