import assert from 'node:assert/strict';
import { test } from 'node:test';
import { owningModule } from './outdated.ts';

const GO_MOD = `module kfs.local/software/sample

go 1.26.0

require (
\texample.com/etcd v1.0.0
\texample.com/etcd/server/v3 v3.7.3
\texample.com/other v0.1.0 // indirect
)

require example.com/single v0.2.0
`;

test('the module of a program is the longest path that holds it', () => {
  assert.deepEqual(owningModule(GO_MOD, 'example.com/etcd/server/v3/cmd/x'), {
    path: 'example.com/etcd/server/v3',
    version: '3.7.3',
  });
  assert.equal(owningModule(GO_MOD, 'example.com/single')?.version, '0.2.0');
  assert.equal(owningModule(GO_MOD, 'example.com/etcdutl'), undefined);
});
