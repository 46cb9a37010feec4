import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Asked, Requests } from './requests.ts';

const LIMIT = 2000;

function remembering(t: TestContext): { folder: string; requests: Requests } {
  const folder = mkdtempSync(join(tmpdir(), 'kfs-requests-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return { folder, requests: new Requests(folder, LIMIT) };
}

const asked = (second: number, more: Partial<Asked> = {}): Asked => ({
  at: new Date(second * 1000).toISOString(),
  from: '10.77.0.99',
  macs: ['aa:aa:aa:aa:aa:aa'],
  outcome: 'no machine is armed',
  ...more,
});
const handed = (second: number): Asked => asked(second, { machine: 'n1', outcome: 'handed out' });
const bytes = (folder: string): number =>
  readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);

test('requests come back in the order in which they were made, whoever made them', async t => {
  const { requests } = remembering(t);
  const all = [
    asked(1),
    handed(2),
    asked(3, { machine: 'n1', outcome: 'n1 was given its config' }),
    asked(4),
  ];
  for (const one of all) await requests.record(one);
  assert.deepEqual(await requests.all(), all);
});

test('a stranger who asks all day neither fills the disk nor hides what machines have asked', async t => {
  const { folder, requests } = remembering(t);
  const thief = asked(2, { machine: 'n1', outcome: 'n1 was given its config already' });
  await requests.record(handed(1));
  const stranger = (second: number) => asked(second, { outcome: `no machine with card ${second} is armed` });
  for (let second = 10; second < 200; second++) await requests.record(stranger(second));
  await requests.record(thief);
  await requests.record(handed(201));
  const kept = await requests.all();
  assert.deepEqual(
    kept.filter(({ machine }) => machine),
    [handed(1), thief, handed(201)],
  );
  assert.deepEqual(kept.at(-2), stranger(199), 'of strangers the newest are remembered');
  assert.ok(bytes(folder) < 3 * LIMIT, `${bytes(folder)} bytes`);
});

test('nor does one who borrows the address of a machine, and nobody else is lost for it', async t => {
  const { folder, requests } = remembering(t);
  const refused = (second: number, from: string) =>
    asked(second, { machine: 'n1', from, outcome: `n1 must ask from 10.77.0.11, not ${from}` });
  for (let second = 1; second < 200; second++) await requests.record(refused(second, '10.77.0.99'));
  await requests.record(handed(200));
  await requests.record(refused(201, '10.77.0.98'));
  for (let second = 202; second < 400; second++) await requests.record(asked(second));
  const kept = (await requests.all()).filter(({ machine }) => machine);
  assert.deepEqual(kept[0], refused(1, '10.77.0.99'));
  assert.deepEqual(kept.slice(-2), [handed(200), refused(201, '10.77.0.98')]);
  assert.ok(bytes(folder) < 4 * LIMIT, `${bytes(folder)} bytes`);
});

test('of several who remember at once none loses a line of a machine', async t => {
  const { folder } = remembering(t);
  const servers = [1, 2, 3].map(() => new Requests(folder, LIMIT));
  const recorded = servers.flatMap((server, index) =>
    Array.from({ length: 20 }, (_, nth) => [
      server.record(asked(nth)),
      server.record(handed(1000 * (index + 1) + nth)),
    ]).flat(),
  );
  await Promise.all(recorded);
  const kept = (await new Requests(folder).all()).filter(({ machine }) => machine);
  assert.equal(kept.length, 60);
});

test('a line of which a full disk has left half is passed over', async t => {
  const { folder, requests } = remembering(t);
  await requests.record(handed(1));
  appendFileSync(join(folder, 'requests.jsonl'), '{"at": "19');
  await requests.record(handed(2));
  assert.deepEqual(await requests.all(), [handed(1), handed(2)]);
  assert.equal(statSync(join(folder, 'requests.jsonl')).mode & 0o777, 0o600);
});
