import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CHECKOUT } from '../../runner/cli/context.ts';
import { loopbackPorts } from './loopback.ts';

const picture = (processes: string): string =>
  `# Now\n\n<MachineNow machine="n1" caption="x" processes={${processes}} />\n`;

test('ports on loopback come from the pictures, each process as it was drawn last with any', () => {
  const first = picture("[{ name: 'a', user: 'root', inside: ['1 old'] }, { name: 'b', user: 'b' }]");
  const later = picture("[\n  { name: 'a', user: 'a', open: ['2 x'], inside: ['1 health', '3 debug'] },\n]");
  const without = picture("[{ name: 'a', user: 'a' }]");
  assert.deepEqual(loopbackPorts([first, later, without]), [
    { process: 'a', user: 'a', port: '1 health' },
    { process: 'a', user: 'a', port: '3 debug' },
  ]);
});

test('the picture of etcd in this book has its health port', () => {
  const source = readFileSync(join(CHECKOUT, 'content/docs/one-machine/04-etcd.mdx'), 'utf8');
  assert.deepEqual(loopbackPorts([source]), [{ process: 'etcd', user: 'etcd', port: '2381 health' }]);
});
