/** A stick is made in the real builder, of a small image, and read back; then it is spoilt. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { namespacesDenied } from '../builder/namespaces.ts';
import { makeStick, verifyStick } from './stick.ts';

const denied = process.getuid?.() === 0 ? undefined : namespacesDenied(['--user', '--map-auto']);

describe('a stick', { skip: denied?.why ?? false, timeout: 900_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'kfs-stick-test-'));
  const at = (name: string) => join(folder, name);
  const machines = [{ name: 'n1', mac: '52:54:00:77:00:11', disk: '/dev/sda', config: at('n1.ign') }];
  const image = randomBytes(2 ** 20);
  after(() => rmSync(folder, { recursive: true, force: true }));

  before(async () => {
    const digest = createHash('sha256').update(image).digest('hex');
    writeFileSync(at('os.raw.zst'), image);
    writeFileSync(at('os.raw.zst.sha256'), `${digest}  os.raw.zst\n`);
    writeFileSync(at('os.raw.size'), '4096\n');
    writeFileSync(at('n1.ign'), '{"a": "host key"}\n');
    for (const name of ['vmlinuz', 'initrd']) writeFileSync(at(name), name);
    await makeStick({ image: folder, machines, out: at('stick.img') });
  });

  test('holds the image and the configs, and is for its owner only', async () => {
    assert.deepEqual(await verifyStick(at('stick.img'), folder, machines), []);
    assert.equal(statSync(at('stick.img')).mode & 0o777, 0o600);
  });

  test('of which a byte has changed is told from a right one', async () => {
    const offset = readFileSync(at('stick.img')).indexOf(image.subarray(4096, 4128));
    assert.ok(offset > 0);
    writeSync(openSync(at('stick.img'), 'r+'), Buffer.from([image[4096]! ^ 1]), 0, 1, offset);
    assert.deepEqual(await verifyStick(at('stick.img'), folder, machines), [
      'its image is not the one that is made',
    ]);
  });

  test('without the config of a machine, or none at all, is not right either', async () => {
    writeFileSync(at('n1.ign'), '{"another": "host key"}\n');
    const wrong = await verifyStick(at('stick.img'), folder, machines);
    assert.ok(wrong.includes('no config of n1'), wrong.join('; '));
    assert.deepEqual(await verifyStick(at('none.img'), folder, machines), ['it is not there']);
    const config = at('none.ign');
    const making = makeStick({ image: folder, machines: [{ ...machines[0]!, config }], out: at('x.img') });
    await assert.rejects(making, { code: 'image-failed', message: `n1 has no config in ${config}` });
  });
});
