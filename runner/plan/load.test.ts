import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { formatError, KfsError } from '../errors.ts';
import { loadPlan, loadPlanIfAny, PlanError, parsePlan } from './load.ts';
import { ONE, replaced, THREE } from './testing/plans.ts';
import { VERSIONS } from './versions.ts';

const findings = (text: string): string[] =>
  parsePlan(text, 'cluster.yaml').issues.map(
    ({ place, what }) => `${place.file}:${place.line}:${place.column}: ${what}`,
  );

test('a short plan is completed with defaults', () => {
  const { plan, issues } = parsePlan(ONE, 'cluster.yaml');
  assert.deepEqual(issues, []);
  assert.equal(plan?.domain, 'kfs.home.arpa');
  assert.equal(plan?.api.name, 'api.kfs.home.arpa');
  assert.deepEqual(plan?.network.dns, ['192.168.1.1']);
  assert.deepEqual(plan?.network.time, ['192.168.1.1']);
  assert.deepEqual([plan?.pods, plan?.services], ['10.244.0.0/16', '10.96.0.0/16']);
  assert.deepEqual(plan?.versions, { ...VERSIONS });
  assert.deepEqual([plan?.ssh.user, plan?.mirror.port, plan?.machines[0]?.power], ['core', 8080, 'manual']);
});

test('a pinned version replaces one default and leaves the others', () => {
  const { plan } = parsePlan(`${ONE}versions: {etcd: 3.7.4}\n`, 'cluster.yaml');
  assert.deepEqual(plan?.versions, { ...VERSIONS, etcd: '3.7.4' });
});

test('a MAC address may be written in any usual way and is one afterwards', () => {
  for (const mac of ['52:54:00:AB:CD:EF', '52-54-00-ab-cd-ef', '5254.00ab.cdef', '"525400abcdef"']) {
    const { plan } = parsePlan(replaced(ONE, '52:54:00:00:00:01', mac), 'cluster.yaml');
    assert.equal(plan?.machines[0]?.mac, '52:54:00:ab:cd:ef', mac);
  }
});

test('files of ssh are relative to the plan, and ~ is the home', () => {
  const { plan } = parsePlan(`${ONE}ssh: {key: keys/id, config: ~/lab.conf}\n`, '/some/where/cluster.yaml');
  assert.equal(plan?.ssh.key, '/some/where/keys/id');
  assert.equal(plan?.ssh.config, join(homedir(), 'lab.conf'));
});

const SHAPE: [why: string, from: string, to: string, finding: string][] = [
  [
    'a field that is missing, at what it is missing from',
    '  router: 192.168.1.1\n',
    '',
    '2:1: `network.router` is missing',
  ],
  ['a field of a machine that is missing', '    disk: /dev/vda\n', '', '9:5: `machines[0].disk` is missing'],
  [
    'a field that there is not, with its neighbour',
    '  router:',
    '  ruoter:',
    '4:3: there is no field `ruoter` in `network`',
  ],
  ['a name that is no label', 'name: home', 'name: My_Home', '1:7: `My_Home` is not a DNS label'],
  [
    'an address that is none',
    '192.168.1.21',
    '192.168.1.321',
    '11:14: `192.168.1.321` is not an IPv4 address',
  ],
  [
    'a range with host bits',
    '192.168.1.0/24',
    '192.168.1.7/24',
    '3:11: `192.168.1.7/24` does not begin where the range begins',
  ],
  ['a range that is none', '192.168.1.0/24', '192.168.1.0', '3:11: `192.168.1.0` is not an IPv4 range'],
  [
    'a MAC that is none',
    '52:54:00:00:00:01',
    '52:54:00:00:01',
    '10:10: `52:54:00:00:01` is not a MAC address',
  ],
  [
    'a multicast MAC',
    '52:54:00:00:00:01',
    '53:54:00:00:00:01',
    '10:10: `53:54:00:00:00:01` is not the address of one network card',
  ],
  ['a role that there is not', 'storage, node]', 'storage, master]', '12:37: there is no role `master`'],
  ['no role', '[etcd, control, storage, node]', '[]', '12:12: the machine has no role'],
  ['a disk that is no path', 'disk: /dev/vda', 'disk: sda', '13:11: `sda` is not the path of a disk'],
  [
    'a path that leaves /dev',
    'disk: /dev/vda',
    'disk: /dev/../etc',
    '13:11: `/dev/../etc` is not the path of a disk',
  ],
  ['a list where a text belongs', 'name: home', 'name: [home]', '1:7: `name` is a list where a text belongs'],
  [
    'a text where a list belongs',
    'data: [/dev/vdb]',
    'data: /dev/vdb',
    '14:11: `machines[0].data` is `/dev/vdb` where a list belongs',
  ],
  ['a field left empty', 'name: home', 'name:', '1:6: `name` is empty where a text belongs'],
  ['a number where a text belongs', 'name: home', 'name: 12', '1:7: `name` is read as a number'],
  [
    'a time server that nobody knows',
    '  workstation:',
    '  time: [timeserver]\n  workstation:',
    '5:10: no time server is known by `timeserver`',
  ],
  [
    'a version with a v',
    'name: home',
    'name: home\nversions: {etcd: v3.7.3}',
    '2:18: `v3.7.3` is not a version',
  ],
  [
    'a version that YAML reads as a number',
    'name: home',
    'name: home\nversions: {etcd: 3.7}',
    '2:18: `versions.etcd` is read as a number',
  ],
  [
    'a component that there is not',
    'name: home',
    'name: home\nversions: {flannel: 1.0.0}',
    '2:12: there is no field `flannel` in `versions`',
  ],
  [
    'a login user with a space',
    'name: home',
    'name: home\nssh: {user: my self}',
    '2:13: `my self` cannot be the login user',
  ],
  [
    'a key file that ssh_config cannot name',
    'name: home',
    'name: home\nssh: {key: a%b}',
    '2:12: `a%b` cannot be used as a file name here',
  ],
  [
    'a port that there is not',
    'name: home',
    'name: home\nmirror: {port: 70000}',
    '2:16: Too big: expected number to be <=65535',
  ],
  [
    'a power driver that there is not',
    '    data:',
    '    power: wizard\n    data:',
    '14:12: there is no power driver `wizard`',
  ],
  [
    'a field that is there twice',
    'name: home',
    'name: home\nname: away',
    '2:1: this is not YAML: Map keys must be unique',
  ],
  ['text that is not YAML', 'name: home', 'name: "home', '15:1: this is not YAML: Missing closing "quote'],
];

for (const [why, from, to, finding] of SHAPE) {
  test(`a wrong form is found at its place: ${why}`, () => {
    assert.ok(
      findings(replaced(ONE, from, to)).includes(`cluster.yaml:${finding}`),
      findings(replaced(ONE, from, to)).join('\n'),
    );
  });
}

test('an empty file, a text and a list are no plan', () => {
  for (const text of ['', '# only a comment\n', 'hello\n', '- a\n']) {
    assert.match(findings(text).join(), /there is no plan in this file/, text);
  }
});

test('a misspelt field is answered with the right one', () => {
  const [issue] = parsePlan(replaced(ONE, '  workstation:', '  worksation:'), 'f').issues.filter(({ what }) =>
    what.includes('no field'),
  );
  assert.equal(issue?.next, 'did you mean `workstation`?');
});

test('all problems are told at once, of form and of sense, in the order of the file', () => {
  const text = replaced(
    replaced(replaced(THREE, 'name: home', 'name: HOME'), '192.168.1.22', '192.168.1.21'),
    ':00:03',
    ':00:0x',
  );
  assert.deepEqual(
    findings(text).map(line => line.split(':')[1]),
    ['1', '17', '22'],
  );
});

test('a broken value is not judged again for its sense', () => {
  const text = replaced(ONE, 'roles: [etcd, control, storage, node]', 'roles: nothing');
  assert.equal(findings(text).length, 1);
});

test('an alias is read, and a problem in it is shown where it is', () => {
  const text = `${replaced(ONE, 'roles: [etcd, control, storage, node]', 'roles: &all [etcd, control, storage, node]')}    power: lab\n`;
  assert.deepEqual(findings(text), []);
  assert.match(findings(replaced(ONE, 'name: home', 'name: *nowhere')).join(), /Unresolved alias/);
});

test('a text that would unfold to millions of values is refused', () => {
  const rows = [
    'a: &a [x,x,x,x,x,x,x,x,x]',
    ...'bcdefghi'.split('').map((key, index) => `${key}: &${key} [${`*${'abcdefghi'[index]},`.repeat(9)}]`),
  ];
  assert.match(findings(`${rows.join('\n')}\n`).join(), /alias/i);
});

test('loadPlan throws all issues with their places and the next action', t => {
  const dir = mkdtempSync(join(tmpdir(), 'plan-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const file = join(dir, 'cluster.yaml');
  writeFileSync(file, replaced(replaced(ONE, 'name: home', 'name: HOME'), '/dev/vdb', '/dev/vda'));
  assert.throws(
    () => loadPlan(file),
    (error: unknown) => {
      assert.ok(error instanceof PlanError && error.code === 'plan-invalid');
      assert.equal(error.issues.length, 2);
      assert.match(
        formatError(error),
        /cluster\.yaml:1:7: .*\n {2}→ [^\n]+\n.*cluster\.yaml:14:12: .*\n {2}→ [^\n]+\n {2}→ correct/s,
      );
      return true;
    },
  );
  writeFileSync(file, ONE);
  assert.equal(loadPlan(file).name, 'home');
});

test('a plan that is not there is plan-missing, one that cannot be read is not', t => {
  const dir = mkdtempSync(join(tmpdir(), 'plan-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const codeOf = (file: string) => {
    try {
      return loadPlan(file);
    } catch (error) {
      return error instanceof KfsError && error.code;
    }
  };
  assert.equal(codeOf(join(dir, 'none.yaml')), 'plan-missing');
  assert.equal(codeOf(dir), 'state-broken');
  assert.equal(loadPlanIfAny(join(dir, 'none.yaml')), null);
  assert.throws(() => loadPlanIfAny(dir));
});
