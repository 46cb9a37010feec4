import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { statePaths } from '../state.ts';
import { environmentFor, renderEnv, shellQuote } from './environment.ts';
import { parsePlan } from './load.ts';
import { ONE, replaced, THREE } from './testing/plans.ts';
import { knownVariables, VARIABLES } from './variables.ts';

const plan = parsePlan(THREE, 'cluster.yaml').plan ?? assert.fail('the test plan is wrong');
const paths = statePaths('/state');
const options = { checkout: '/checkout', path: '/usr/bin:/bin' };

test('a step on a machine sees the cluster and the machine, and nothing of the workstation', () => {
  const env = environmentFor(plan, paths, 'n2', options);
  assert.equal(env.KFS_MACHINE, 'n2');
  assert.equal(env.KFS_ADDRESS, '192.168.1.22');
  assert.equal(env.KFS_MAC, '52:54:00:00:00:02');
  assert.equal(env.KFS_ROLES, 'etcd control storage node');
  assert.equal(env.KFS_DATA_DISKS, '/dev/vdb');
  assert.equal(env.KFS_FIRST, 'n1');
  assert.equal(env.KFS_FIRST_ADDRESS, '192.168.1.21');
  assert.equal(env.KFS_MACHINES, 'n1 n2 n3');
  assert.equal(env.KFS_ETCD_ADDRESSES, '192.168.1.21 192.168.1.22 192.168.1.23');
  assert.equal(
    env.KFS_ETCD_URLS,
    'https://192.168.1.21:2379,https://192.168.1.22:2379,https://192.168.1.23:2379',
  );
  assert.equal(env.KFS_API_SERVICE_ADDRESS, '10.96.0.1');
  assert.equal(env.KFS_CLUSTER_DNS, '10.96.0.10');
  assert.equal(env.KFS_MIRROR, 'http://192.168.1.10:8080');
  assert.equal(env.KFS_VERSION_LOCAL_PATH_PROVISIONER, '0.0.30');
  assert.deepEqual(
    Object.keys(env).filter(name => !name.startsWith('KFS_')),
    [],
  );
  assert.equal(env.KFS_STATE, undefined);
});

test('a step on the workstation sees folders and finds kfs, and no machine', () => {
  const env = environmentFor(plan, paths, 'workstation', options);
  assert.equal(env.KFS_PKI, '/state/pki');
  assert.equal(env.KFS_BOOK, '/checkout');
  assert.equal(env.PATH, '/checkout:/state/bin:/usr/bin:/bin');
  assert.equal(env.KFS_MACHINE, undefined);
});

test('a step on the workstation for a machine sees both', () => {
  const env = environmentFor(plan, paths, 'n3', { ...options, on: 'workstation' });
  assert.equal(env.KFS_MACHINE, 'n3');
  assert.equal(env.KFS_SSH_CONFIG, '/state/ssh/config');
  assert.deepEqual(new Set(Object.keys(env)), new Set([...knownVariables(), 'PATH']));
});

test('without a plan there is the workstation alone', () => {
  const env = environmentFor(null, paths, 'workstation', options);
  assert.deepEqual(Object.keys(env), [
    'KFS_HOME',
    'KFS_STATE',
    'KFS_PKI',
    'KFS_PLAN',
    'KFS_SSH_CONFIG',
    'KFS_BOOK',
    'PATH',
  ]);
  assert.throws(() => environmentFor(null, paths, 'n1', options), { code: 'plan-missing' });
  assert.throws(() => environmentFor(plan, paths, 'n9', options), { code: 'plan-invalid' });
});

test('the table names each variable once, in the form that a job takes, with its meaning', () => {
  assert.equal(new Set(VARIABLES.map(({ name }) => name)).size, VARIABLES.length);
  for (const { name, meaning } of VARIABLES) {
    assert.match(name, /^KFS_[A-Z][A-Z_]*$/);
    assert.ok(meaning.length > 5, name);
  }
});

test('the environment is the same however often it is made, also in its order', () => {
  const once = JSON.stringify(environmentFor(plan, paths, 'n1', options));
  assert.equal(JSON.stringify(environmentFor(plan, paths, 'n1', options)), once);
});

const NASTY = `it's "$HOME" \`id\` \\ !x *\n#end `;

for (const shell of ['bash', 'dash', 'zsh']) {
  const present = spawnSync(shell, ['-c', ':']).status === 0;
  test(`${shell} reads from the file exactly what a step sees`, {
    skip: !present && `${shell} is not installed`,
  }, t => {
    const dir = mkdtempSync(join(tmpdir(), 'env-'));
    t.after(() => rmSync(dir, { recursive: true }));
    const checkout = `${dir}/it's a [checkout]`;
    const env = {
      ...environmentFor(plan, statePaths(`${dir}/a b`), 'n1', { ...options, on: 'workstation', checkout }),
      KFS_NASTY: NASTY,
    };
    writeFileSync(join(dir, 'cluster.env'), renderEnv(env));
    const script =
      'set -eu; . ./cluster.env; . ./cluster.env; exec "$0" -e "process.stdout.write(JSON.stringify(process.env))"';
    const run = spawnSync(shell, ['-c', script, process.execPath], {
      cwd: dir,
      env: { PATH: '/usr/bin:/bin', HOME: dir },
      stdio: ['ignore', 'pipe', 'pipe'], // with a socket for input, bash takes itself for a remote shell and reads ~/.bashrc
      encoding: 'utf8',
    });
    assert.equal(run.stderr, '');
    const seen: Record<string, string> = JSON.parse(run.stdout);
    for (const [name, value] of Object.entries(env)) assert.equal(seen[name], value, name);
  });
}

test('quoting leaves nothing for the shell to read', () => {
  assert.equal(shellQuote("a'b"), `'a'\\''b'`);
});

test('the tenth address follows the range of the plan', () => {
  const other =
    parsePlan(`${replaced(ONE, 'name: home', 'name: other')}services: 10.97.4.0/24\n`, 'f').plan ??
    assert.fail();
  assert.equal(environmentFor(other, paths, 'n1', options).KFS_CLUSTER_DNS, '10.97.4.10');
});
