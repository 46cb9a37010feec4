import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultRoles, freeAddress, missingFlags, parseMachine, planFrom } from './answers.ts';
import { composePlan } from './compose.ts';
import { parsePlan } from './load.ts';
import { planSchema } from './schema.ts';

const MACHINE = { mac: '52:54:00:00:00:01', address: '192.168.1.21', disk: '/dev/sda' };

test('a machine is read from one flag, lists by plus signs', () => {
  assert.deepEqual(
    parseMachine('name=n1,mac=52:54:00:00:00:01,disk=/dev/sda,data=/dev/sdb+/dev/sdc,roles=etcd+node'),
    {
      name: 'n1',
      mac: '52:54:00:00:00:01',
      disk: '/dev/sda',
      data: ['/dev/sdb', '/dev/sdc'],
      roles: ['etcd', 'node'],
    },
  );
});

test('a flag that is no machine says how to write one', () => {
  for (const text of ['n1', 'nam=n1', 'name=', 'name=n1,name=n2']) {
    assert.throws(() => parseMachine(text), { code: 'usage' }, text);
  }
});

test('what has no default must be answered, and is named by its flag', () => {
  assert.deepEqual(missingFlags({}), ['--subnet', '--machine']);
  const answers = { subnet: '203.0.113.0/24', machine: [{ name: 'n1', disk: '/dev/sda' }] };
  assert.deepEqual(missingFlags(answers), ['--workstation', 'mac=, address= in --machine n1']);
  assert.deepEqual(missingFlags({ ...answers, workstation: '203.0.113.9', machine: [MACHINE] }), []);
});

test('the first machine holds every role it can, a further one runs pods', () => {
  assert.deepEqual(defaultRoles(0, ['/dev/sdb']), ['etcd', 'control', 'storage', 'node']);
  assert.deepEqual(defaultRoles(0, []), ['etcd', 'control', 'node']);
  assert.deepEqual(defaultRoles(1, ['/dev/sdb']), ['storage', 'node']);
  assert.deepEqual(defaultRoles(1, undefined), ['node']);
});

test('the API gets a high address that nobody in the plan has', () => {
  assert.equal(freeAddress('192.168.1.0/24', []), '192.168.1.254');
  assert.equal(freeAddress('192.168.1.0/24', ['192.168.1.254', '192.168.1.253']), '192.168.1.252');
  assert.equal(freeAddress('192.168.1.0/30', ['192.168.1.1', '192.168.1.2']), '');
});

test('few answers make a plan that nothing is wrong with, and its text reads back as the same plan', () => {
  const written = planFrom({
    subnet: '192.168.1.0/24',
    workstation: '192.168.1.10',
    machine: [MACHINE, { ...MACHINE, mac: '52-54-00-00-00-02', address: '192.168.1.22' }],
  });
  const { plan, issues } = parsePlan(composePlan(written), 'cluster.yaml');
  assert.deepEqual(issues, []);
  assert.deepEqual(plan, JSON.parse(JSON.stringify(planSchema.parse(written))));
  assert.deepEqual(
    plan?.machines.map(({ name, mac }) => [name, mac]),
    [
      ['n1', '52:54:00:00:00:01'],
      ['n2', '52:54:00:00:00:02'],
    ],
  );
});

test('every answer reaches the file', () => {
  const answers = {
    name: 'lab',
    domain: 'k.example.org',
    subnet: '10.1.0.0/24',
    router: '10.1.0.254',
    workstation: '10.1.0.2',
    dns: ['9.9.9.9'],
    time: ['time.example.org'],
    pods: '10.2.0.0/16',
    services: '10.3.0.0/16',
    apiName: 'kube.k.example.org',
    apiAddress: '10.1.0.5',
    mirrorPort: 8081,
    sshUser: 'me',
    sshKey: '/keys/with space',
    machine: [{ ...MACHINE, address: '10.1.0.11', power: 'lab' as const }],
  };
  const { plan, issues } = parsePlan(composePlan(planFrom(answers)), 'cluster.yaml');
  assert.deepEqual(issues, []);
  assert.deepEqual(plan?.network, {
    subnet: '10.1.0.0/24',
    router: '10.1.0.254',
    workstation: '10.1.0.2',
    dns: ['9.9.9.9'],
    time: ['time.example.org'],
  });
  assert.deepEqual(plan?.api, { name: 'kube.k.example.org', address: '10.1.0.5' });
  assert.deepEqual(
    [plan?.name, plan?.domain, plan?.pods, plan?.services],
    ['lab', 'k.example.org', '10.2.0.0/16', '10.3.0.0/16'],
  );
  assert.deepEqual(plan?.ssh, { user: 'me', key: '/keys/with space' });
  assert.deepEqual([plan?.mirror.port, plan?.machines[0]?.power], [8081, 'lab']);
});
