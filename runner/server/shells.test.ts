import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WINDOW } from '../protocol/messages.ts';
import { serverFixture } from './testing/server-fixture.ts';

const open = { type: 'shell.open', machine: 'workstation', size: { columns: 80, rows: 24 } };

test('a terminal lives on when its page is reloaded, and is joined again where it was', async () => {
  await using fixture = await serverFixture();
  const before = fixture.visit();
  await before.enter();
  assert.deepEqual((await before.ask(open)).value, { shell: 1 });
  await before.ask({ type: 'attach.shell', shell: 1, offset: 0 });
  before.type(1, 'ls\r');
  await before.ask({ type: 'certificates' });
  const shell = fixture.runner.shells[0]!;
  shell.print('one ');
  await before.until(() => before.text(1) === 'one ');
  assert.equal(shell.typed, 'ls\r');
  before.leave();
  shell.print('two');
  const after = fixture.visit();
  assert.deepEqual((await after.enter()).shells, [{ id: 1, machine: 'workstation', ended: false }]);
  await after.ask({ type: 'attach.shell', shell: 1, offset: 4 });
  await after.until(() => after.text(1) === 'two');
});

test('a program that prints more than its page shows is held up, and goes on when the page has caught up', async () => {
  await using fixture = await serverFixture();
  const visitor = fixture.visit();
  await visitor.enter();
  await visitor.ask(open);
  await visitor.ask({ type: 'attach.shell', shell: 1, offset: 0 });
  const shell = fixture.runner.shells[0]!;
  shell.print(Buffer.alloc(WINDOW));
  assert.equal(shell.paused, true);
  await visitor.until(() => visitor.frames.reduce((sum, { bytes }) => sum + bytes.length, 0) === WINDOW);
  visitor.say({ type: 'ack', stream: 1, offset: WINDOW });
  await visitor.ask({ type: 'certificates' });
  assert.equal(shell.paused, false);
});

test('when nobody looks, the newest mebibyte is kept and the program is not held up', async () => {
  await using fixture = await serverFixture();
  const visitor = fixture.visit();
  await visitor.enter();
  await visitor.ask(open);
  const shell = fixture.runner.shells[0]!;
  for (let i = 0; i < 40; i++) shell.print(Buffer.alloc(64 * 1024, 65 + i));
  assert.equal(shell.paused, false);
  await visitor.ask({ type: 'attach.shell', shell: 1, offset: 0 });
  await visitor.until(() => visitor.frames.length > 0);
  assert.equal(visitor.frames[0]?.offset, 24 * 64 * 1024, 'the gap shows in the offset');
});

test('closing a terminal ends its program and every page sees it', async () => {
  await using fixture = await serverFixture();
  const [one, two] = [fixture.visit(), fixture.visit()];
  await one.enter();
  await two.enter();
  await one.ask(open);
  await one.ask({ type: 'shell.close', shell: 1 });
  assert.equal(fixture.runner.shells[0]?.ended, true);
  await two.until(() =>
    two.messages.some(message => message.type === 'shells' && message.shells.length === 0),
  );
});
