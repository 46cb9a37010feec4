import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadComponents } from './component.ts';
import { type ImageTools, makeImage, withRegistry } from './image.ts';
import type { Image } from './image-list.ts';
import { buildFolder } from './inputs.ts';
import { filesBelow } from './place.ts';
import { sha256, sumsOf } from './sums.ts';
import { testFolder } from './testing/folder.ts';

const image: Image = {
  name: 'sample',
  version: '1.2.3',
  component: 'sample',
  files: { '/bin/sample': 'sample/sample' },
  sources: { '/bin/sample': 'sample/1.2.3/amd64/sample' },
  names: { '/bin/sample': ['other', 'third'] },
  entrypoint: ['/bin/sample', 'first'],
  user: '1:1',
  reproducible: true,
};

const tools = toolsInCache();
const skip = tools
  ? false
  : 'crane and the registry are not built on this computer: kfs software build crane registry';

function toolsInCache(): ImageTools | undefined {
  const at = (name: string) => {
    const component = loadComponents().find(each => each.name === name);
    return component ? join(buildFolder(component), name) : '';
  };
  const found = { crane: at('crane'), registry: at('registry') };
  return existsSync(found.crane) && existsSync(found.registry) ? found : undefined;
}

async function make(folder: string, layout: string, text: string): Promise<string> {
  const program = join(folder, `${layout}.program`);
  writeFileSync(program, text);
  const target = join(folder, layout);
  await withRegistry(tools ?? assert.fail(), address =>
    makeImage(image, { '/bin/sample': program }, address, target, tools ?? assert.fail()),
  );
  return target;
}

interface Index {
  manifests: { digest: string; annotations: Record<string, string> }[];
}
interface Manifest {
  config: { digest: string };
  layers: { digest: string }[];
}

test('an image is made of its files alone: the same bytes give the same image, others another', {
  skip,
}, async t => {
  const folder = testFolder(t);
  const [first, second, other] = [
    await make(folder, 'first', '#!/bin/sh\n'),
    await make(folder, 'second', '#!/bin/sh\n'),
    await make(folder, 'other', '#!/bin/dash\n'),
  ];
  const sums = async (layout: string) => sumsOf(layout, await filesBelow(layout));
  assert.deepEqual(await sums(first), await sums(second));
  assert.notDeepEqual(await sums(first), await sums(other));
});

test('a layout says what it is, and each part is named by its digest', { skip }, async t => {
  const folder = testFolder(t);
  const layout = await make(folder, 'layout', '#!/bin/sh\n');
  const blob = (digest = '') => join(layout, 'blobs', 'sha256', digest.replace('sha256:', ''));
  const read = <T>(file: string) => JSON.parse(readFileSync(file, 'utf8')) as T;
  const { manifests } = read<Index>(join(layout, 'index.json'));
  assert.deepEqual(
    manifests.map(({ annotations }) => annotations),
    [{ 'org.opencontainers.image.ref.name': '1.2.3' }],
  );
  const manifest = read<Manifest>(blob(manifests[0]?.digest));
  const { config } = read<{ config: unknown }>(blob(manifest.config.digest));
  assert.deepEqual(config, { Entrypoint: ['/bin/sample', 'first'], User: '1:1' });
  for (const file of await filesBelow(join(layout, 'blobs', 'sha256'))) {
    assert.equal(await sha256(blob(file)), file);
    assert.equal(statSync(blob(file)).mode & 0o777, 0o644);
  }
  const root = join(folder, 'root');
  mkdirSync(root);
  const layer = blob(manifest.layers[0]?.digest);
  const list = execFileSync('tar', ['--list', '--utc', '--verbose', '--numeric-owner', '--file', layer], {
    encoding: 'utf8',
  });
  assert.match(list, /^-rwxr-xr-x 0\/0 .* 1970-01-01 00:00 \.\/bin\/sample$/m);
  assert.match(list, /^lrwxr-xr-x 0\/0 .* \.\/bin\/third -> sample$/m);
});

test('the registry that images are made in is gone afterwards', { skip }, async () => {
  let address = '';
  await withRegistry(tools ?? assert.fail(), async where => {
    address = where;
    assert.equal((await fetch(`http://${where}/v2/`)).status, 200);
  });
  await assert.rejects(fetch(`http://${address}/v2/`));
});

test('a registry that does not start is said as such, and not waited for', { skip }, async () => {
  const broken = { crane: '', registry: '/bin/false' };
  assert.equal(spawnSync(broken.registry).status, 1);
  await assert.rejects(
    withRegistry(broken, async () => assert.fail('it runs')),
    /does not start/,
  );
});
