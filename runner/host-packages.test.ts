import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ensurePackages, findProgram, installLine, missingPackages } from './host-packages.ts';

const shell = { package: 'dash', why: 'a shell', probe: 'sh' };
const absent = { package: 'kfs-no-such-package', why: 'nothing', probe: 'kfs-no-such-program' };

test('a program is found in PATH and in the folders of root', () => {
  assert.match(findProgram('sh')!, /\/sh$/);
  assert.equal(findProgram('/bin/sh'), '/bin/sh');
  assert.equal(findProgram('kfs-no-such-program'), undefined);
});

test('only what is missing is asked for, in one line to type', () => {
  assert.deepEqual(missingPackages([shell, absent]), [absent]);
  assert.equal(installLine([absent]), 'sudo apt-get install -y --no-install-recommends kfs-no-such-package');
});

test('nothing is said or done when all is there', async () => {
  await ensurePackages([shell], () => assert.fail('said something'));
});

test('a package that cannot be had is named with what it is for and the line to type', async () => {
  await assert.rejects(ensurePackages([absent]), {
    code: 'host-unsupported',
    message: /kfs-no-such-package \(nothing\)/,
    next: installLine([absent]),
  });
});
