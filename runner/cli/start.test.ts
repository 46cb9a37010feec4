/** `kfs start` as it is typed, with a book of one chapter and a state directory of its own. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { readAddress } from '../server/address-file.ts';
import { addressOf, fetchRaw, Visitor } from '../server/testing/visitor.ts';

const KFS = join(import.meta.dirname, 'main.ts');
const dir = mkdtempSync(join(tmpdir(), 'kfs-start-'));
const book = join(dir, 'book');
const state = join(dir, 'state');
const children: ChildProcess[] = [];

const fence = (name: string, text: string) => `\`\`\`sh ${name}\n${text}\n\`\`\`\n`;

mkdirSync(join(book, 'content', 'docs', 'part'), { recursive: true });
writeFileSync(
  join(book, 'content', 'docs', 'part', '01-long.mdx'),
  [
    '---\ntitle: Long\ndescription: One long step.\n---\n',
    'A step that takes its time.\n',
    fence(
      'event="long" on="workstation"',
      'for n in $(seq 1 1000); do\n  echo "at $n"\n  test -e "$KFS_HOME/enough" && break\n  sleep 0.1\ndone',
    ),
    fence('check="long"', 'test -e "$KFS_HOME/enough"'),
  ].join('\n'),
);

after(async () => {
  for (const child of children) if (child.exitCode === null) child.kill('SIGKILL');
  rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
});

interface Started {
  child: ChildProcess;
  url: string;
  running?: boolean;
}

async function start(...more: string[]): Promise<Started> {
  const args = [KFS, 'start', '--json', '--no-open', '--book', book, '--state', state, ...more];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  let errors = '';
  child.stderr.on('data', text => {
    errors += text;
  });
  const ended = once(child, 'close').then(() => [JSON.stringify({ errors })]);
  const [line] = (await Promise.race([once(createInterface(child.stdout), 'line'), ended])) as [string];
  const said = JSON.parse(line);
  assert.ok(said.url, line);
  return { child, ...said };
}

async function end(child: ChildProcess, signal: NodeJS.Signals = 'SIGINT'): Promise<number | null> {
  if (child.exitCode !== null) return child.exitCode;
  const exit = once(child, 'exit');
  child.kill(signal);
  return (await exit)[0];
}

test('one address with its token; a second start says where the first one is; Ctrl-C ends it', {
  timeout: 120_000,
}, async () => {
  const first = await start('--port', '0');
  assert.match(first.url, /^http:\/\/127\.0\.0\.1:\d+\/#token=[0-9a-f]{64}$/);
  const { port } = addressOf(first.url);
  assert.equal((await fetchRaw(port, '/part/long/')).status, 200);
  assert.equal(statSync(join(state, 'server.json')).mode & 0o777, 0o600, 'the token is for its owner only');

  const second = await start();
  assert.equal(second.url, first.url);
  assert.equal(second.running, true);
  assert.equal(second.child.exitCode ?? (await once(second.child, 'exit'))[0], 0);

  assert.equal(await end(first.child), 0);
  assert.equal(readAddress(join(state, 'server.json')), undefined);
  await assert.rejects(fetchRaw(port, '/'));
});

test('the second start builds nothing, and has another token', { timeout: 120_000 }, async () => {
  const before = await start('--port', '0');
  await end(before.child);
  const builds = () =>
    readdirSync(join(state, 'site')).map(
      name => statSync(join(state, 'site', name, 'index.html'), { throwIfNoEntry: false })?.mtimeMs ?? name,
    );
  const built = builds();
  const again = await start('--port', '0');
  assert.deepEqual(builds(), built);
  assert.notEqual(addressOf(again.url).token, addressOf(before.url).token);
  await end(again.child);
});

test('Ctrl-C leaves a running step running, and the next start finds it', { timeout: 120_000 }, async () => {
  const first = await start('--port', '0');
  const page = new Visitor(addressOf(first.url));
  const { book: info } = await page.enter();
  const digest = info.steps[0]?.digest;
  const asked = { type: 'run', request: 1, step: 'long', subject: 'workstation', mode: 'run' } as const;
  page.say({ ...asked, digest: digest! });
  await page.until(() =>
    page.messages.some(message => message.type === 'event' && message.event.type === 'run.shipped'),
  );
  assert.equal(await end(first.child), 0);

  const second = await start('--port', '0');
  const next = new Visitor(addressOf(second.url));
  const { cells } = await next.enter();
  assert.equal(cells[0]?.status, 'running');
  const { value } = await next.ask({ type: 'attach', run: cells[0]?.run, offset: 0 });
  writeFileSync(join(state, 'work', 'enough'), '');
  await next.until(() =>
    next.messages.some(
      message =>
        message.type === 'event' && message.event.type === 'run.finished' && message.event.outcome === 'done',
    ),
  );
  await next.hears('ended');
  const numbers = next.text((value as { stream: number }).stream).match(/at \d+/g) ?? [];
  assert.deepEqual(
    numbers,
    numbers.map((_, index) => `at ${index + 1}`),
    'every line once, from the first',
  );
  next.leave();
  await end(second.child, 'SIGTERM');
});

test('a port that is taken is named, and nothing is left behind', { timeout: 60_000 }, async () => {
  const first = await start('--port', '0');
  const other = join(dir, 'other');
  const taken = spawn(
    process.execPath,
    [
      KFS,
      'start',
      '--no-open',
      '--book',
      book,
      '--state',
      other,
      '--port',
      String(addressOf(first.url).port),
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  children.push(taken);
  let said = '';
  taken.stderr.on('data', text => {
    said += text;
  });
  assert.equal((await once(taken, 'close'))[0], 2);
  assert.match(said, /port \d+ is taken\n {2}→ /);
  assert.equal(existsSync(join(other, 'server.json')), false);
  await end(first.child);
});

test('a plan that is wrong is told, does not keep the book away, and is taken when it is right', {
  timeout: 120_000,
}, async () => {
  const file = join(state, 'cluster.yaml');
  const plan = (name: string) =>
    [
      `name: ${name}`,
      'network: { subnet: 10.9.0.0/24, router: 10.9.0.1, workstation: 10.9.0.2 }',
      'api: { address: 10.9.0.11 }',
      'machines:',
      '  - { name: n1, mac: 52:54:00:00:00:11, address: 10.9.0.11, roles: [etcd, control, storage, node], disk: /dev/sda, data: [/dev/sdb] }',
      '',
    ].join('\n');
  writeFileSync(file, plan('Not a name'));
  const { child, url } = await start('--port', '0');
  const page = new Visitor(addressOf(url));
  const welcome = await page.enter();
  assert.equal(welcome.plan, null);
  assert.match(welcome.planProblem ?? '', /cluster\.yaml:1:7: .*is not a DNS label/);
  writeFileSync(file, plan('right'));
  const { plan: taken, planProblem } = await page.hears('book');
  assert.equal(taken?.name, 'right');
  assert.equal(planProblem, undefined);
  page.leave();
  await end(child);
});
