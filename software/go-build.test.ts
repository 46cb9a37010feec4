import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Progress } from './builder/cache.ts';
import { goBuildArgv } from './go-build.ts';
import { compileMeter } from './go-meter.ts';

test('the command of a program has its stamps in the order of the file, and one target', () => {
  const recipe = {
    programs: { etcd: 'example.com/server' },
    stamps: { 'example.com/version.A': 'v1', 'example.com/version.B': '2' },
  };
  assert.deepEqual(goBuildArgv(recipe, 'etcd'), [
    ...['go', 'build', '-v', '-trimpath', '-buildvcs=false', '-mod=readonly', '-ldflags'],
    '-s -w -buildid= -X example.com/version.A=v1 -X example.com/version.B=2',
    ...['-o', '/out/etcd', 'example.com/server'],
  ]);
});

test('the tests of a package become one program, with the same flags', () => {
  const recipe = { programs: {}, tests: { 'e2e.test': 'example.com/e2e' }, stamps: {} };
  assert.deepEqual(goBuildArgv(recipe, 'e2e.test'), [
    ...['go', 'test', '-c', '-v', '-trimpath', '-buildvcs=false', '-mod=readonly', '-ldflags'],
    '-s -w -buildid=',
    ...['-o', '/out/e2e.test', 'example.com/e2e'],
  ]);
});

test('the meter counts what is stale and compiled, never goes back, and ends at its total', () => {
  const told: Progress[] = [];
  const meter = compileMeter('sample', progress => told.push(progress));
  meter.line('go: downloading example.com/a v1.0.0');
  for (const name of ['a', 'b', 'c']) meter.line(`stale ${name}`);
  meter.begin(1);
  for (const line of ['a', 'not-stale', 'b', 'a', '# some warning', 'c']) meter.line(line);
  meter.linked('program');
  const fetched = told.shift();
  assert.deepEqual([fetched?.phase, fetched?.text], ['modules of sample', 'example.com/a v1.0.0']);
  const total = told[0]?.total ?? 0;
  assert.deepEqual(
    told.map(({ done }) => done),
    [0, 1, 2, 3, total],
  );
});
