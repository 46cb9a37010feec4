import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KfsError } from '../runner/errors.ts';
import { buildComponent } from './build.ts';
import { buildAll } from './build-all.ts';
import { buildFolder } from './inputs.ts';
import { readSums, sha256, sumsOf } from './sums.ts';
import { testComponent } from './testing/component.ts';
import { testFolder } from './testing/folder.ts';
import { hostBuilder } from './testing/host-builder.ts';

const WRITES = 'echo "bytes of $NAME" > "$OUT/$NAME"';
const with_ = (builder: ReturnType<typeof hostBuilder>) => ({ builder: async () => builder });

test('a build yields its programs, executable by all, their digests, and a log beside it', async t => {
  const component = testComponent(testFolder(t));
  const folder = await buildComponent(component, with_(hostBuilder(`umask 077; echo compiling; ${WRITES}`)));
  assert.equal(folder, buildFolder(component));
  assert.equal(statSync(join(folder, 'one')).mode & 0o777, 0o755);
  const sums = await readSums(join(folder, 'SHA256SUMS'));
  assert.deepEqual(sums, { one: await sha256(join(folder, 'one')), two: await sha256(join(folder, 'two')) });
  assert.match(readFileSync(`${folder}.log`, 'utf8'), /^compiling$/m);
  assert.equal(existsSync(join(folder, 'tmp')), false, 'temporary files are gone');
});

test('what is built already is not built again, and the builder is not even asked for', async t => {
  const component = testComponent(testFolder(t));
  await buildComponent(component, with_(hostBuilder(WRITES)));
  await buildComponent(component, { builder: () => assert.fail('nothing is to be built') });
});

test('a program that changed after it was built is built again, or one that went away, or the list of both', async t => {
  const component = testComponent(testFolder(t));
  const folder = await buildComponent(component, with_(hostBuilder(WRITES)));
  const good = await sumsOf(folder, ['SHA256SUMS', 'one', 'two']);
  const damages: [string, (file: string) => void][] = [
    ['two', file => writeFileSync(file, 'other bytes\n')],
    ['one', rmSync],
    ['SHA256SUMS', rmSync],
  ];
  for (const [name, damage] of damages) {
    damage(join(folder, name));
    const told: string[] = [];
    await buildComponent(component, {
      ...with_(hostBuilder(WRITES)),
      report: ({ text }) => told.push(text),
    });
    assert.deepEqual(await sumsOf(folder, Object.keys(good)), good);
    const expected = `sample 1.2.3 is made again: ${name} changed since it was made`;
    assert.ok(told.includes(expected), told.join('\n'));
  }
});

test('a build that fails leaves nothing that could be taken for done, and names its log', async t => {
  const component = testComponent(testFolder(t));
  const failing = hostBuilder(`${WRITES}; echo "two: undefined: x" >&2; test "$NAME" = one`);
  await assert.rejects(buildComponent(component, with_(failing)), (error: KfsError) => {
    assert.equal(error.code, 'software-invalid');
    assert.match(error.message, /building two of sample 1\.2\.3 ended with status 1:\n {4}two: undefined: x/);
    const [, log = ''] = error.next?.match(/the whole log is (\S+);/) ?? [];
    assert.match(readFileSync(log, 'utf8'), /two: undefined: x/);
    return true;
  });
  assert.equal(existsSync(buildFolder(component)), false);
  await buildComponent(component, with_(hostBuilder(WRITES)));
  assert.ok(existsSync(join(buildFolder(component), 'two')));
});

test('an interrupted build is not taken for done, and what it started is ended', async t => {
  const folder = testFolder(t);
  const component = testComponent(folder);
  const stop = new AbortController();
  const pid = join(folder, 'pid');
  const slow = hostBuilder(`${WRITES}; echo $$ > '${pid}.new'; mv '${pid}.new' '${pid}'; exec sleep 600`);
  const running = buildComponent(component, { ...with_(slow), signal: stop.signal });
  while (!existsSync(pid)) await sleep(10);
  stop.abort();
  await assert.rejects(running, { code: 'interrupted' });
  assert.throws(() => process.kill(Number(readFileSync(pid, 'utf8')), 0), { code: 'ESRCH' });
  assert.equal(existsSync(buildFolder(component)), false);
  const again = hostBuilder(WRITES);
  await buildComponent(component, with_(again));
  assert.deepEqual(again.compiled, ['one', 'two']);
});

test('of two builds at once one builds, and the other waits for it', async t => {
  const component = testComponent(testFolder(t));
  const builders = [hostBuilder(`sleep 0.3; ${WRITES}`), hostBuilder(`sleep 0.3; ${WRITES}`)];
  const told: string[] = [];
  const report = ({ text }: { text: string }) => told.push(text);
  await Promise.all(builders.map(builder => buildComponent(component, { ...with_(builder), report })));
  assert.deepEqual(
    builders.flatMap(({ compiled }) => compiled),
    ['one', 'two'],
  );
  assert.ok(told.includes('another process makes sample 1.2.3'), told.join('\n'));
});

test('a build that differs from what is pinned names the file and stops', async t => {
  const folder = testFolder(t);
  const component = testComponent(folder);
  const pins = join(folder, 'SHA256SUMS');
  const zeros = '0'.repeat(64);
  const options = { ...with_(hostBuilder(WRITES)), pins };
  await assert.rejects(buildAll([component], options), {
    code: 'software-invalid',
    message: 'sample/1.2.3/amd64/one has no pinned digest',
  });
  const one = await sha256(join(buildFolder(component), 'one'));
  writeFileSync(pins, `${one}  sample/1.2.3/amd64/one\n${zeros}  sample/1.2.3/amd64/two\n`);
  await assert.rejects(buildAll([component], options), (error: KfsError) => {
    assert.match(
      error.message,
      new RegExp(`^sample/1.2.3/amd64/two was built as [0-9a-f]{64}, but ${zeros} is pinned$`),
    );
    assert.match(error.next ?? '', /do not use it/);
    return true;
  });
  const [{ sums } = assert.fail()] = await buildAll([component], { ...options, unpinned: true });
  assert.equal(sums.one, one);
});

test('that there is no room for all of it is said before anything is compiled', async t => {
  const names = Array.from({ length: 20_000 }, (_, index) => `p${index}`);
  const builder = hostBuilder(WRITES);
  const started = buildAll([testComponent(testFolder(t), 'huge', names)], with_(builder));
  await assert.rejects(started, {
    code: 'disk-full',
    message: /^building 20000 programs from source needs 14000\.0 GiB in .*, [\d.]+ GiB are free$/,
    next: /make room there, or set XDG_CACHE_HOME/,
  });
  assert.deepEqual(builder.compiled, []);
});

test('when one component fails, the others are stopped and no further one is begun', async t => {
  const folder = testFolder(t);
  const [pid, begun] = [join(folder, 'pid'), join(folder, 'begun')];
  const components = [
    testComponent(folder, 'slow', ['a', 'b', 'c']),
    testComponent(folder, 'bad', ['d', 'e']),
    testComponent(folder, 'next', ['f']),
  ];
  const builder = hostBuilder(`case $NAME in
    a) echo $$ > '${pid}.new'; mv '${pid}.new' '${pid}'; exec sleep 600 ;;
    d) while ! test -e '${pid}'; do sleep 0.05; done; echo broken >&2; exit 1 ;;
    *) touch '${begun}' ;;
  esac`);
  await assert.rejects(
    buildAll(components, { ...with_(builder), atOnce: 2, unpinned: true }),
    /building d of bad/,
  );
  assert.throws(() => process.kill(Number(readFileSync(pid, 'utf8')), 0), { code: 'ESRCH' });
  assert.equal(existsSync(begun), false);
  assert.deepEqual(builder.compiled.sort(), ['a', 'd']);
});
