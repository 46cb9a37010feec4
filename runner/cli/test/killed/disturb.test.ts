import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { disturb } from './disturb.ts';

/** A lab as far as a disturbance asks for it. */
const labWith = ({ sshConfig = '/none', on = true } = {}) => {
  const cuts: string[] = [];
  const lab = {
    paths: { sshConfig },
    isOn: async () => on,
    cutPower: async () => void cuts.push('cut'),
  } as unknown as Parameters<typeof disturb>[0];
  return { lab, cuts };
};

const runner = () => spawn('sleep', ['60']);

test('a runner that lives is killed; where the run is over already nothing is hit', async () => {
  const child = runner();
  await once(child, 'spawn');
  const closed = once(child, 'close');
  assert.equal(await disturb(labWith().lab, child, 'runner'), 'the runner was killed');
  assert.equal((await closed)[1], 'SIGKILL');
  assert.equal(await disturb(labWith().lab, child, 'runner'), undefined);
});

test('the ssh processes of this configuration are killed; where there is none nothing is hit', async t => {
  const sshConfig = `/tmp/ssh-config-${process.pid}`;
  const link = spawn('bash', ['-c', 'read -r', 'bash', sshConfig], { argv0: 'ssh' });
  t.after(() => link.kill('SIGKILL'));
  await once(link, 'spawn');
  const closed = once(link, 'close');
  const { lab } = labWith({ sshConfig });
  assert.equal(await disturb(lab, link, 'link'), '1 ssh processes were killed');
  assert.equal((await closed)[1], 'SIGKILL');
  assert.equal(await disturb(lab, link, 'link'), undefined);
});

test('the power of a machine that is on is cut; where it is off nothing is hit', async t => {
  const child = runner();
  t.after(() => child.kill('SIGKILL'));
  const lit = labWith();
  assert.equal(await disturb(lit.lab, child, 'power'), 'the power was cut');
  const dark = labWith({ on: false });
  assert.equal(await disturb(dark.lab, child, 'power'), undefined);
  assert.deepEqual([lit.cuts, dark.cuts], [['cut'], []]);
});
