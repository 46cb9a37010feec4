import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileBook } from '../../runner/book/compile.ts';
import { CHECKOUT } from '../../runner/cli/context.ts';
import { openedPorts, readRule } from './opened-ports.ts';

test('a rule says which ports it opens, to whom, and whose they are', () => {
  assert.deepEqual(readRule('ip saddr $KFS_SUBNET tcp dport { 2379, 2380 } accept comment "etcd"'), {
    ports: '2379, 2380',
    protocol: 'tcp',
    name: 'etcd',
    from: '$KFS_SUBNET',
  });
  assert.deepEqual(readRule('udp dport 123 accept'), {
    ports: '123',
    protocol: 'udp',
    name: '',
    from: 'anyone',
  });
  assert.deepEqual(readRule('ip saddr { 10.0.0.0/8, $KFS_SUBNET } tcp dport 30000-32767 accept'), {
    ports: '30000-32767',
    protocol: 'tcp',
    name: '',
    from: '{ 10.0.0.0/8, $KFS_SUBNET }',
  });
});

test('every port that a chapter of this book opens is in the list, with the step that opens it', async () => {
  const manifest = await compileBook(CHECKOUT);
  const rows = openedPorts(manifest);
  const etcd = rows.find(({ name }) => name === 'etcd');
  assert.deepEqual([etcd?.ports, etcd?.step.step], ['2379, 2380', 'etcd-firewall']);
  const written = manifest.steps
    .flatMap(({ files }) => files)
    .filter(({ path }) => path.startsWith('/etc/nftables.d/'));
  const rules = written.flatMap(({ body }) =>
    body.split('\n').filter(line => /\bdport\b.*\baccept\b/.test(line)),
  );
  assert.ok(rules.length > 0);
  for (const rule of rules) assert.ok(rule.startsWith('add rule inet filter opened '), rule);
});
