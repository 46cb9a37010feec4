import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkPlan, DEFAULTS, deviceName, type LabPlan, proposePlan, readPlan, settled } from './spec.ts';

async function read(text: string): Promise<LabPlan> {
  const folder = await mkdtemp(join(tmpdir(), 'kfs-spec-'));
  try {
    await writeFile(join(folder, 'cluster.yaml'), text);
    return await readPlan(join(folder, 'cluster.yaml'));
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('a proposed plan is one that the lab can make, on either backend and for any number of machines', async () => {
  for (const backend of ['uml', 'qemu'] as const) {
    for (const count of [1, 2, 3, 10]) {
      const plan = await read(proposePlan(count, backend, 'lab/ssh_config'));
      assert.equal(plan.machines.length, count);
      checkPlan(plan, backend);
    }
  }
});

test('the first machine has the address .11 and a MAC that shows it', async () => {
  const { machines, network } = await read(proposePlan(2, 'uml', 'lab/ssh_config'));
  assert.deepEqual(machines[0], {
    name: 'n1',
    mac: '52:54:00:77:00:11',
    address: '10.77.0.11',
    disk: '/dev/ubda',
    data: ['/dev/ubdb'],
  });
  assert.equal(network.workstation, '10.77.0.2');
  assert.deepEqual(network.hosts, { 'api.kfs.home.arpa': '10.77.0.10' });
});

test('disks are named as the backend names them', () => {
  assert.equal(deviceName('uml', 0), '/dev/ubda');
  assert.equal(deviceName('qemu', 2), '/dev/vdc');
});

test('a plan whose disks have the names of the other backend is refused with the right name', async () => {
  const plan = await read(proposePlan(1, 'qemu', 'x'));
  assert.throws(() => checkPlan(plan, 'uml'), {
    code: 'lab-failed',
    message: /calls a disk of n1 \/dev\/vda, but on the uml backend it is \/dev\/ubda/,
    next: /write \/dev\/ubda in the plan/,
  });
});

test('two machines with one MAC or address would get one lease, and are refused', async () => {
  for (const [field, value] of [
    ['mac', '52:54:00:77:00:11'],
    ['address', '10.77.0.11'],
    ['name', 'n1'],
  ] as const) {
    const plan = await read(proposePlan(2, 'uml', 'x'));
    plan.machines[1]![field] = value;
    assert.throws(() => checkPlan(plan, 'uml'), {
      code: 'lab-failed',
      message: new RegExp(`both have the ${field}`),
    });
  }
  const plan = await read(proposePlan(1, 'uml', 'x'));
  plan.machines[0]!.address = '10.77.0.1';
  assert.throws(() => checkPlan(plan, 'uml'), { message: /n1 and the router both have the address/ });
});

test('what is not a plan is refused with what to do', async () => {
  await assert.rejects(read('a: [b'), { code: 'plan-invalid', message: /is not YAML/ });
  await assert.rejects(read('name: x'), { code: 'plan-invalid', next: 'kfs plan init' });
});

test('a setting stays as it was until another is given, and an image until it is to be forgotten', () => {
  const before = settled(undefined, { image: '/i', memory: 512 });
  assert.deepEqual(settled(before, {}), { ...DEFAULTS, image: '/i', memory: 512 });
  assert.equal(settled(before, { image: undefined, memory: 1024 }).image, undefined);
});
