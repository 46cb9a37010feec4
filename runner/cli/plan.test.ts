import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import pty from 'node-pty';
import { ONE, replaced } from '../plan/testing/plans.ts';
import { CHECKOUT } from './context.ts';

/** The command as `kfs` wires it, with nothing of the other commands. */
const PROGRAM = `
import { Command } from 'commander';
import { formatError } from './runner/errors.ts';
import { exitCodeOf } from './runner/cli/exit.ts';
import { register } from './runner/cli/plan.ts';
const program = new Command('kfs').option('--state <dir>').option('--plan <file>').option('--json');
register(program);
try { await program.parseAsync(process.argv.slice(1), { from: 'user' }); }
catch (error) { console.error(formatError(error)); process.exitCode = exitCodeOf(error); }
`;
const ARGS = ['--input-type=module', '--eval', PROGRAM, '--'];
const INIT = [
  'init',
  '--subnet',
  '192.168.1.0/24',
  '--workstation',
  '192.168.1.10',
  '--machine',
  'mac=52:54:00:00:00:01,address=192.168.1.21,disk=/dev/sda,data=/dev/sdb',
];

function stateOf(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'kfs-plan-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

function kfs(state: string, ...args: string[]) {
  const run = spawnSync(process.execPath, [...ARGS, '--state', state, 'plan', ...args], {
    cwd: CHECKOUT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1' },
  });
  return { status: run.status, out: run.stdout, err: run.stderr };
}

test('init writes a plan, its schema and what follows from it; show, check and env read them', t => {
  const state = stateOf(t);
  const init = kfs(state, ...INIT);
  assert.deepEqual([init.status, init.err], [0, '']);
  const text = readFileSync(join(state, 'cluster.yaml'), 'utf8');
  assert.match(text, /^# yaml-language-server: \$schema=cluster\.schema\.json\n/);
  assert.equal(JSON.parse(readFileSync(join(state, 'cluster.schema.json'), 'utf8')).title, 'cluster.yaml');
  assert.match(readFileSync(join(state, 'cluster.env'), 'utf8'), /KFS_MACHINES='n1'/);
  assert.equal(statSync(join(state, 'ssh', 'config')).mode & 0o777, 0o600);

  assert.match(kfs(state, 'check').out, /cluster\.yaml: 1 machine, nothing wrong/);
  assert.match(
    kfs(state, 'show').out,
    /^n1 +192\.168\.1\.21 +52:54:00:00:00:01 +etcd control storage node +\/dev\/sda +\/dev\/sdb +manual$/m,
  );
  assert.equal(JSON.parse(kfs(state, 'show', '--json').out).api.name, 'api.kfs.home.arpa');
  assert.match(kfs(state, 'env', 'n1').out, /^export KFS_DATA_DISKS='\/dev\/sdb'$/m);
});

test('a plan that is there is never written over', t => {
  const state = stateOf(t);
  writeFileSync(join(state, 'cluster.yaml'), '# mine\n');
  const init = kfs(state, ...INIT);
  assert.equal(init.status, 3);
  assert.match(init.err, /there is a plan already/);
  assert.equal(readFileSync(join(state, 'cluster.yaml'), 'utf8'), '# mine\n');
});

test('whose plan is for machines of the lab is told the way to machines of his own', t => {
  const state = stateOf(t);
  kfs(state, ...INIT.map(word => (word.startsWith('mac=') ? `${word},power=lab` : word)));
  const init = kfs(state, ...INIT);
  assert.equal(init.status, 3);
  assert.match(init.err, /for machines of the lab.*kfs lab down --erase/s);
});

test('without a terminal init names the flags that are missing, and writes nothing', t => {
  const state = stateOf(t);
  const init = kfs(state, 'init', '--name', 'home');
  assert.equal(init.status, 2);
  assert.match(init.err, /no answer for --subnet; --machine/);
  assert.ok(!existsSync(join(state, 'cluster.yaml')));
});

test('answers that make no plan are told by their flags, and nothing is written', t => {
  const state = stateOf(t);
  const init = kfs(state, ...INIT, '--pods', '192.168.0.0/16', '--name', 'Home');
  assert.equal(init.status, 2);
  assert.match(init.err, /--pods: the pod range 192\.168\.0\.0\/16 overlaps the subnet/);
  assert.match(init.err, /--name: `Home` is not a DNS label/);
  assert.ok(!existsSync(join(state, 'cluster.yaml')));
});

test('check names file, line and column of every problem, for people and for programs', t => {
  const state = stateOf(t);
  const file = join(state, 'cluster.yaml');
  writeFileSync(file, replaced(replaced(ONE, 'name: home', 'name: HOME'), '/dev/vdb', '/dev/vda'));
  const check = kfs(state, 'check');
  assert.equal(check.status, 1);
  assert.ok(check.err.includes(`${file}:1:7: `) && check.err.includes(`${file}:14:12: `), check.err);
  const json = kfs(state, 'check', '--json');
  assert.equal(json.status, 1);
  const { ok, issues } = JSON.parse(json.out);
  assert.equal(ok, false);
  assert.deepEqual(issues[1].place, { file, line: 14, column: 12 });
  assert.deepEqual(issues[1].path, ['machines', 0, 'data', 0]);
});

test('without a plan each command says so, but the workstation has its variables', t => {
  const state = stateOf(t);
  for (const args of [['show'], ['check'], ['env', 'n1'], ['render']]) {
    const run = kfs(state, ...args);
    assert.equal(run.status, 3, args.join(' '));
    assert.match(run.err, /there is no plan at .*\n {2}→ `kfs plan init`/, args.join(' '));
  }
  assert.match(kfs(state, 'env', 'workstation').out, /^export KFS_STATE=/m);
});

test('env of a machine, seen from the workstation, has both; an unknown machine is refused', t => {
  const state = stateOf(t);
  writeFileSync(join(state, 'cluster.yaml'), ONE);
  const env = JSON.parse(kfs(state, 'env', 'n1', '--on', 'workstation', '--json').out);
  assert.equal(env.KFS_MACHINE, 'n1');
  assert.equal(env.KFS_STATE, state);
  assert.equal(env.KFS_BOOK, CHECKOUT);
  assert.match(kfs(state, 'env', 'n9').err, /the plan has no machine n9/);
  assert.equal(kfs(state, 'env', 'n1', '--on', 'moon').status, 2);
});

test('the schema and the variables print without a plan', t => {
  const state = stateOf(t);
  assert.equal(JSON.parse(kfs(state, 'schema').out).type, 'object');
  assert.match(kfs(state, 'variables').out, /^KFS_CLUSTER_DNS +cluster +the cluster DNS/m);
  assert.ok(
    JSON.parse(kfs(state, 'variables', '--json').out).some(
      ({ name }: { name: string }) => name === 'KFS_MACHINE',
    ),
  );
});

test('render writes what is missing, and says what it wrote', t => {
  const state = stateOf(t);
  writeFileSync(join(state, 'cluster.yaml'), ONE);
  assert.match(kfs(state, 'render').out, /cluster\.env {2}written\n.*config {2}written/);
  assert.match(kfs(state, 'render').out, /cluster\.env {2}as it was\n.*config {2}as it was/);
});

/** Types each answer when its question is on the screen; an empty one takes the default. */
function answering(
  state: string,
  args: string[],
  answers: [question: string, keys: string][],
): Promise<{ status: number; screen: string }> {
  const program = ['NO_COLOR=1', process.execPath, ...ARGS, '--state', state, 'plan', ...args];
  const terminal = pty.spawn('/usr/bin/env', program, {
    name: 'xterm-256color',
    cwd: CHECKOUT,
    cols: 160,
    rows: 50,
    encoding: null,
  });
  const waiting = [...answers];
  let screen = '';
  let seen = 0;
  terminal.onData(data => {
    screen += data.toString();
    const [next] = waiting;
    const at = next ? screen.indexOf(next[0], seen) : -1;
    if (!next || at < 0) return;
    seen = at + next[0].length;
    waiting.shift();
    terminal.write(next[1]);
  });
  return new Promise(resolve => terminal.onExit(({ exitCode }) => resolve({ status: exitCode, screen })));
}

const QUESTIONS: [string, string][] = [
  ["The cluster's name", '\r'],
  ['The DNS domain', '\r'],
  ['The network that your router serves', '\x15192.168.7.0/24\r'],
  ["The router's address", '\r'],
  ['The address of this workstation', '192.168.7.10\r'],
  ['Name of machine 1', '\r'],
  ['n1: MAC address', '52:54:00:00:00:01\r'],
  ['n1: the address', '192.168.7.21\r'],
  ['n1: system disk', '\r'],
  ['n1: data disks', '/dev/sdb\r'],
  ['n1: roles', '\r'],
  ['Another machine', '\r'],
  ["The API's own address", '\r'],
];

test('on a terminal init asks, offers a default for what has one, and writes the plan', {
  timeout: 60_000,
}, async t => {
  const state = stateOf(t);
  const { status, screen } = await answering(state, ['init'], QUESTIONS);
  assert.equal(status, 0, screen);
  const plan = JSON.parse(kfs(state, 'show', '--json').out);
  assert.deepEqual(plan.network, {
    subnet: '192.168.7.0/24',
    router: '192.168.7.1',
    workstation: '192.168.7.10',
    dns: ['192.168.7.1'],
    time: ['192.168.7.1'],
  });
  assert.deepEqual(plan.machines[0].roles, ['etcd', 'control', 'storage', 'node']);
  assert.equal(plan.api.address, '192.168.7.254');
});

test('a wrong answer is told at once and asked again; Ctrl-C writes nothing', {
  timeout: 60_000,
}, async t => {
  const state = stateOf(t);
  const { status, screen } = await answering(
    state,
    ['init', '--name', 'x', '--domain', 'a.b', '--subnet', '10.0.0.0/24', '--router', '10.0.0.1'],
    [
      ['The address of this workstation', '10.0.0.999\r'],
      ['is not an IPv4 address', '\x03'],
    ],
  );
  assert.equal(status, 130, screen);
  assert.match(screen, /no plan was written/);
  assert.ok(!existsSync(join(state, 'cluster.yaml')));
});
