/** Killed in front of any of its writes, `kfs pki init` leaves nothing half-done that the next run does not finish. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { filesBelow } from './files.ts';
import { init } from './init.ts';
import { cleanUp, fullState, lab, openssl } from './testing/lab.ts';

after(cleanUp);

/** A run that kills itself, as by `kill -9`, in front of its nth operation on a file, or in the middle of a write. */
const DOOMED = `
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
let left = Number(process.argv[2]);
const half = fs.writeFileSync;
for (const name of ['writeFileSync', 'openSync', 'fsyncSync', 'closeSync', 'linkSync', 'renameSync', 'rmSync']) {
  const real = fs[name];
  fs[name] = (...args) => {
    if (left-- === 0) {
      if (name === 'writeFileSync') half(args[0], args[1].slice(0, args[1].length / 2), args[2]);
      process.kill(process.pid, 'SIGKILL');
    }
    return real(...args);
  };
}
syncBuiltinESMExports();
const { init } = await import(process.argv[3]);
init(JSON.parse(process.argv[4]), JSON.parse(process.argv[5]));
`;

const WHOLE = /-----END [A-Z ]+-----\n$/;

test('killed in front of every kind of write, again and again, it still gets everything right', () => {
  const state = fullState();
  for (const folder of ['people', 'secrets', 'machines/n1/node']) {
    rmSync(join(state.pki, folder), { recursive: true });
  }
  const script = join(state.root, 'doomed.mjs');
  writeFileSync(script, DOOMED);
  const program = join(import.meta.dirname, 'init.ts');
  const doomed = (count: number) =>
    spawnSync(
      process.execPath,
      [script, String(count), program, JSON.stringify(lab()), JSON.stringify(state)],
      { encoding: 'utf8' },
    );
  let kills = 0;
  // Six or seven operations make a file: one more each time falls on each of them, in other files.
  for (let count = 0; ; count++) {
    const { signal, status, stderr } = doomed(count);
    for (const file of filesBelow(state.pki).filter(file => /\.(crt|key)$/.test(file))) {
      const content = readFileSync(join(state.pki, file), 'utf8');
      assert.match(content, WHOLE, file);
      if (file.endsWith('.crt')) assert.ok(new X509Certificate(content));
      else assert.ok(createPrivateKey(content));
    }
    if (signal === null) {
      assert.equal(status, 0, stderr);
      break;
    }
    kills++;
  }
  assert.ok(kills >= 9, `${kills} kills`);
  assert.deepEqual(init(lab(), state), []);
  assert.deepEqual(
    filesBelow(state.root).filter(file => file.includes('.part')),
    [],
  );
  for (const file of filesBelow(join(state.pki, 'machines', 'n1')).filter(file => file.endsWith('.crt'))) {
    const chain = ['etcd', 'kubernetes', 'front-proxy', 'services'].flatMap(name => [
      '-untrusted',
      join(state.pki, name, 'ca.crt'),
    ]);
    const answer = openssl(
      'verify',
      '-CAfile',
      join(state.pki, 'root', 'ca.crt'),
      ...chain,
      join(state.pki, 'machines', 'n1', file),
    );
    assert.ok(answer.ok || file.endsWith('anchor.crt'), answer.output);
  }
});
