import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CLOSE, MAX_MESSAGE, WINDOW } from '../protocol/messages.ts';
import { memoryManifest, memoryStep } from './testing/memory-runner.ts';
import { serverFixture } from './testing/server-fixture.ts';
import type { Visitor } from './testing/visitor.ts';

const alpha = memoryStep('alpha');
const ask = { type: 'run', step: 'alpha', subject: 'workstation', digest: alpha.digest, mode: 'run' };

test('a page learns of the book without its texts, runs a step, and every page sees it done', async () => {
  await using fixture = await serverFixture();
  const [one, two] = [fixture.visit(), fixture.visit()];
  const { book, cells } = await one.enter();
  await two.enter();
  assert.equal(book.steps[0]?.id, 'alpha');
  assert.doesNotMatch(JSON.stringify(book), /echo alpha/);
  assert.equal(cells.length, 2);
  const { value } = await one.ask(ask);
  assert.equal((value as { outcome: string }).outcome, 'done');
  await two.until(() =>
    two.messages.some(message => message.type === 'event' && message.cell?.status === 'done'),
  );
  assert.equal(fixture.runner.requests[0]?.by, 'page');
});

const refusals: [string, Record<string, unknown> & { type: string }, string][] = [
  ['an old digest', { ...ask, digest: '0'.repeat(64) }, 'step-changed'],
  ['an unknown step', { ...ask, step: 'omega' }, 'step-unknown'],
  ['a machine that the step is not for', { ...ask, subject: 'node-1' }, 'subject-unknown'],
  ['shell text beside the id', { ...ask, script: 'rm -rf /' }, 'bad-message'],
  ['a run that never was', { type: 'attach', run: 'run-99', offset: 0 }, 'run-unknown'],
  ['stopping a run that never was', { type: 'stop', run: 'run-99', force: false }, 'run-unknown'],
  [
    'a terminal on a machine that is not in the plan',
    { type: 'shell.open', machine: 'evil', size: { columns: 80, rows: 24 } },
    'subject-unknown',
  ],
  ['a terminal that is closed', { type: 'attach.shell', shell: 5, offset: 0 }, 'shell-unknown'],
  [
    'accepting another text',
    { type: 'accept', step: 'alpha', subject: 'workstation', digest: '0'.repeat(64) },
    'step-changed',
  ],
  [
    'a series over another book',
    { type: 'series', what: ['one/first'], book: '0'.repeat(64) },
    'step-changed',
  ],
  ['a series over nothing', { type: 'series', what: ['two'], book: 'd'.repeat(64) }, 'step-unknown'],
];
for (const [title, message, reason] of refusals) {
  test(`${title} is refused by name and nothing runs`, async () => {
    await using fixture = await serverFixture();
    const visitor = fixture.visit();
    await visitor.enter();
    const answer = await visitor.ask(message);
    assert.equal(answer.type, 'refused');
    assert.equal(answer.reason, reason);
    assert.deepEqual(fixture.runner.requests, []);
    assert.deepEqual(fixture.runner.accepted, []);
  });
}

test('after the book changed, the digest of the old text is refused and the new one runs', async () => {
  await using fixture = await serverFixture();
  const visitor = fixture.visit();
  await visitor.enter();
  const changed = memoryStep('alpha', { digest: 'c'.repeat(64) });
  fixture.runner.setManifest(memoryManifest([changed], 'e'.repeat(64)));
  fixture.server.hub.announceBook();
  assert.equal((await visitor.hears('book')).book.steps[0]?.digest, changed.digest);
  assert.equal((await visitor.ask(ask)).reason, 'step-changed');
  assert.equal((await visitor.ask({ ...ask, digest: changed.digest })).type, 'reply');
});

test('a series with a step that destroys is refused until the machine is named', async () => {
  await using fixture = await serverFixture([memoryStep('wipe', { destroys: 'the disk' })]);
  const visitor = fixture.visit();
  await visitor.enter();
  const series = { type: 'series', what: ['one/first'], book: 'd'.repeat(64) };
  assert.equal((await visitor.ask(series)).reason, 'confirmation-missing');
  assert.equal((await visitor.ask({ ...series, destroy: ['workstation'] })).type, 'reply');
});

test('only the values of the variables that the step uses are told', async () => {
  await using fixture = await serverFixture([memoryStep('alpha', { variables: ['KFS_CLUSTER'] })]);
  const visitor = fixture.visit();
  await visitor.enter();
  const { value } = await visitor.ask({ type: 'values', step: 'alpha', subject: 'workstation' });
  assert.deepEqual(value, { values: { KFS_CLUSTER: 'kfs' } });
});

test('a message before hello, and another version, end the connection with their own codes', async () => {
  await using fixture = await serverFixture();
  const early = fixture.visit();
  await early.knocked();
  early.say({ type: 'certificates', request: 1 });
  assert.equal(await early.closed(), CLOSE.malformed);
  const old = fixture.visit();
  await old.knocked();
  old.say({ type: 'hello', version: 99 });
  assert.equal(await old.closed(), CLOSE.version);
  assert.equal(old.messages[0]?.type === 'refused' && old.messages[0].reason, 'bad-version');
});

test('malformed messages are refused one by one, and a page of nothing else is cut off', async () => {
  await using fixture = await serverFixture();
  const visitor = fixture.visit();
  await visitor.enter();
  visitor.socket.send('{');
  visitor.socket.send(Buffer.from([9, 9, 9]));
  await visitor.until(() => visitor.messages.filter(message => message.type === 'refused').length === 2);
  assert.equal((await visitor.ask(ask)).type, 'reply');
  const closed = visitor.closed();
  for (let i = 0; i < 25; i++) visitor.socket.send('nonsense');
  assert.equal(await closed, CLOSE.malformed);
});

test('an oversize message ends its own connection and no other', async () => {
  await using fixture = await serverFixture();
  const [big, other] = [fixture.visit(), fixture.visit()];
  await big.enter();
  await other.enter();
  const closed = big.closed();
  big.socket.send('x'.repeat(MAX_MESSAGE + 1));
  assert.equal(await closed, 1009);
  assert.equal((await other.ask(ask)).type, 'reply');
});

test('output with escape sequences, HTML and broken UTF-8 arrives as the bytes it is, in binary frames only', async () => {
  await using fixture = await serverFixture();
  const visitor = fixture.visit();
  await visitor.enter();
  const run = fixture.runner.begin('alpha');
  const nasty = Buffer.from('\x1b]0;title\x07<script>alert(1)</script>\xff\xfe\x00', 'latin1');
  const { value } = await visitor.ask({ type: 'attach', run, offset: 0 });
  fixture.runner.print(run, nasty);
  fixture.runner.end(run);
  await visitor.hears('ended');
  const { stream } = value as { stream: number };
  assert.deepEqual(Buffer.concat(visitor.frames.filter(f => f.stream === stream).map(f => f.bytes)), nasty);
  assert.doesNotMatch(JSON.stringify(visitor.messages), /<script|\\u001b/);
});

test('a page that comes back joins at its last byte and gets each byte once', async () => {
  await using fixture = await serverFixture();
  const run = fixture.runner.begin('alpha');
  fixture.runner.print(run, 'one ');
  const before = fixture.visit();
  await before.enter();
  await before.ask({ type: 'attach', run, offset: 0 });
  await before.until(() => before.text(1) === 'one ');
  before.leave();
  fixture.runner.print(run, 'two ');
  const after = fixture.visit();
  await after.enter();
  await after.ask({ type: 'attach', run, offset: 4 });
  fixture.runner.print(run, 'three');
  fixture.runner.end(run);
  assert.equal((await after.hears('ended')).offset, 13);
  assert.equal(after.text(1), 'two three');
  assert.deepEqual(fixture.runner.requests, [], 'joining again starts nothing');
});

test('the last bytes of a long output can be asked for without the rest', async () => {
  await using fixture = await serverFixture();
  const run = fixture.runner.begin('alpha');
  fixture.runner.print(run, `${'x'.repeat(100_000)}tail`);
  const visitor = fixture.visit();
  await visitor.enter();
  const { value } = await visitor.ask({ type: 'attach', run, last: 4 });
  assert.deepEqual(value, { stream: 1, offset: 100_000 });
  await visitor.until(() => visitor.text(1) === 'tail');
});

test('input reaches the run it is for, and an unknown stream is refused', async () => {
  await using fixture = await serverFixture();
  const visitor = fixture.visit();
  await visitor.enter();
  const run = fixture.runner.begin('alpha');
  await visitor.ask({ type: 'attach', run, offset: 0 });
  visitor.type(1, 'yes\n');
  visitor.type(77, 'no\n');
  assert.equal((await visitor.hears('refused')).reason, 'stream-unknown');
  assert.deepEqual(fixture.runner.inputs, [{ run, text: 'yes\n' }]);
});

test('a page that does not acknowledge holds one window, and gets the rest when it does', async () => {
  await using fixture = await serverFixture();
  const run = fixture.runner.begin('alpha');
  const total = 8 * WINDOW + 5;
  fixture.runner.print(run, Buffer.alloc(total, 'a'));
  const visitor = fixture.visit();
  await visitor.enter();
  await visitor.ask({ type: 'attach', run, offset: 0 });
  const received = () => visitor.frames.reduce((sum, { bytes }) => sum + bytes.length, 0);
  await visitor.until(() => received() === WINDOW);
  assert.equal((await visitor.ask(ask)).type, 'reply', 'other requests are answered meanwhile');
  assert.equal(received(), WINDOW);
  fixture.runner.end(run);
  while (received() < total) {
    const shown = received();
    visitor.say({ type: 'ack', stream: 1, offset: shown });
    await visitor.until(() => received() > shown);
  }
  visitor.say({ type: 'ack', stream: 1, offset: total });
  assert.equal((await visitor.hears('ended')).offset, total);
});

test('an acknowledgement of what was never sent opens no window', async () => {
  await using fixture = await serverFixture();
  const run = fixture.runner.begin('alpha');
  fixture.runner.print(run, Buffer.alloc(3 * WINDOW));
  const visitor = fixture.visit();
  await visitor.enter();
  await visitor.ask({ type: 'attach', run, offset: 0 });
  visitor.say({ type: 'ack', stream: 1, offset: 3 * WINDOW });
  await visitor.ask(ask);
  await visitor.until(() => visitor.frames.length === WINDOW / (64 * 1024));
});

/** Stops reading at the socket, as a page does whose laptop sleeps. */
const fallAsleep = (visitor: Visitor) => visitor.socket.pause();

test('a page that reads nothing at all is cut off, and the others notice nothing', {
  timeout: 60_000,
}, async () => {
  const steps = Array.from({ length: 200 }, (_, index) =>
    memoryStep(`s${index}`, { heading: { text: 'h'.repeat(500), anchor: 'h' } }),
  );
  await using fixture = await serverFixture(steps);
  const [asleep, awake] = [fixture.visit(), fixture.visit()];
  await asleep.enter();
  await awake.enter();
  fallAsleep(asleep);
  const { hub } = fixture.server;
  const before = process.memoryUsage().rss;
  while (hub.pages.size === 2) {
    hub.announceBook();
    await new Promise(done => setImmediate(done));
  }
  assert.equal(hub.pages.size, 1);
  assert.ok(process.memoryUsage().rss - before < 200 * 1024 * 1024, 'memory stays bounded');
  assert.equal((await awake.ask({ ...ask, step: 's0', digest: steps[0]?.digest })).type, 'reply');
});

test('a hundred pages see the same run to its end', { timeout: 60_000 }, async () => {
  await using fixture = await serverFixture();
  const run = fixture.runner.begin('alpha');
  const visitors = Array.from({ length: 100 }, () => fixture.visit());
  await Promise.all(visitors.map(visitor => visitor.enter()));
  await Promise.all(visitors.map(visitor => visitor.ask({ type: 'attach', run, offset: 0 })));
  for (let i = 0; i < 50; i++) fixture.runner.print(run, `line ${i}\r\n`);
  fixture.runner.end(run);
  await Promise.all(visitors.map(visitor => visitor.hears('ended')));
  for (const visitor of visitors) assert.match(visitor.text(1), /^line 0\r\n[\s\S]*line 49\r\n$/);
});

test('when the runner stops, pages are told so by the close code', async () => {
  await using fixture = await serverFixture();
  const visitor = fixture.visit();
  await visitor.enter();
  const closed = visitor.closed();
  await fixture.server.close();
  assert.equal(await closed, CLOSE.stopping);
});
