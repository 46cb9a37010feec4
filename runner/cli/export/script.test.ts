import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { compileChapter } from '../../book/chapter.ts';
import type { Step } from '../../book/manifest.ts';
import { exportChapter, hereDocument } from './script.ts';

const root = mkdtempSync(join(tmpdir(), 'kfs-export-'));
after(() => rmSync(root, { recursive: true }));
let number = 0;

/** A host with a home of its own, to run scripts of one chapter on again and again. */
function bench(chapter: string, machines = ['m1']) {
  const home = join(root, String(++number));
  mkdirSync(home);
  const {
    chapter: info,
    steps,
    findings,
  } = compileChapter(`---\ntitle: A chapter\n---\n\n## A heading\n\n${chapter}`, 'content/docs/one/a.mdx');
  assert.deepEqual(findings, []);
  const scripts = exportChapter({
    chapter: info,
    steps,
    subjectsOf: (step: Step) => {
      if (step.on === 'workstation' && !step.for) return ['workstation'];
      return step.on === 'storage' ? [] : machines;
    },
    environment: ({ on }, subject) => ({
      KFS_CLUSTER: "it's home",
      ...(subject === 'workstation' ? {} : { KFS_MACHINE: subject }),
      ...(on === 'workstation' ? { KFS_HOME: home } : {}),
    }),
  });
  const run = (host: string, { input = '', args = [] as string[] } = {}) => {
    const file = join(home, `${host}.sh`);
    writeFileSync(file, scripts.get(host) as string);
    const env = { PATH: process.env.PATH, HOME: home };
    const { status, stdout, stderr } = spawnSync('bash', [file, ...args], {
      input,
      env,
      cwd: '/',
      encoding: 'utf8',
    });
    return { status, stdout, stderr };
  };
  const read = (name: string): string => readFileSync(join(home, name), 'utf8');
  return { home, scripts, steps, run, read };
}

const fence = (kind: string, text: string): string => `\`\`\`\`sh ${kind}\n${text}\n\`\`\`\`\n\n`;

test('a script runs the exact text of each step, in order, and a second run changes nothing', () => {
  const trap =
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is shell
    'cp "${BASH_SOURCE[0]}" got # tabs\there, ünïcode, $1 `true`\ncat <<\'KFS_TEXT\' >body\nKFS_TEXT\necho ran >>log';
  const { run, read, steps } = bench(
    fence('gate="home" on="workstation"', 'test -d "$KFS_HOME"') +
      fence('step="trap" on="workstation"', trap) +
      fence('check="trap"', 'test -f got') +
      fence('show="values" on="workstation"', 'echo "$KFS_CLUSTER, $PWD"'),
  );
  const first = run('workstation');
  assert.equal(first.status, 0, first.stderr);
  assert.equal(read('got'), steps[1]?.text);
  assert.match(first.stdout, /== home: A heading[\s\S]*== trap: A heading[\s\S]*it's home, /);
  assert.match(first.stdout, /A chapter: done on workstation\./);
  const second = run('workstation');
  assert.equal(second.status, 0);
  assert.match(second.stdout, /done already/);
  assert.equal(read('log'), 'ran\n');
});

test('a step runs under bash -euo pipefail in a process of its own', () => {
  const { run, read } = bench(
    fence('step="leaks" on="first"', 'leak=1\ncd /\ntouch "$HOME/leaks"') +
      fence('check="leaks"', 'test -f leaks') +
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is shell
      fence('step="strict" on="first"', 'echo "${leak:-none} $PWD" >seen\nfalse | true\ntouch never') +
      fence('check="strict"', 'test -f never'),
  );
  const { status, stderr } = run('m1');
  assert.equal(status, 1);
  assert.match(stderr, /line \d+: .*\n\nIt failed with status 1\.\nStopped at strict\./);
  assert.match(read('seen'), /^none \/.*\/\d+\n$/);
  assert.throws(() => read('never'));
});

test('a gate that is not met stops, and says what it printed', () => {
  const { run } = bench(fence('gate="disk" on="first"', 'echo no disk >&2; false'));
  const { status, stderr } = run('m1');
  assert.deepEqual([status, /no disk[\s\S]*The requirement is not met/.test(stderr)], [1, true]);
});

test('the check is tried again until it holds or its time to settle is over', () => {
  const { run } = bench(
    fence('step="slow" on="first" settle="20s"', '(sleep 1.5; touch ready) >/dev/null 2>&1 &') +
      fence('check="slow"', 'test -f ready') +
      fence('step="never" on="first"', 'true') +
      fence('check="never"', 'echo looked; false'),
  );
  const { status, stdout, stderr } = run('m1');
  assert.equal(status, 1);
  assert.match(stdout, /== slow[\s\S]*done: its check holds[\s\S]*== never/);
  assert.match(stderr, /looked[\s\S]*Its check does not hold\.\nStopped at never/);
});

test('a step that takes too long is ended, with all that it started', () => {
  const { run } = bench(
    fence('step="long" on="first" timeout="1s"', 'sleep 60') + fence('check="long"', 'false'),
  );
  // `run` returns when nobody holds its output any more.
  const startedAt = Date.now();
  const { status, stderr } = run('m1');
  assert.deepEqual([status, /did not end within 1 s/.test(stderr)], [1, true]);
  assert.ok(Date.now() - startedAt < 40_000);
});

test('what destroys runs only when the name of the machine was typed', () => {
  const chapter =
    fence('step="wipe" on="first" destroys="the disk"', 'touch wiped') +
    fence('check="wipe"', 'test -f wiped');
  const { run, read } = bench(chapter);
  for (const input of ['', '\n', 'yes\n', 'm2\n']) {
    const { status, stderr } = run('m1', { input });
    assert.equal(status, 1);
    assert.match(stderr, /Not confirmed: nothing was changed/);
    assert.throws(() => read('wiped'));
  }
  assert.equal(run('m1', { input: 'm1\n' }).status, 0);
  assert.equal(read('wiped'), '');
});

test('what a person does is told and waited for', () => {
  const { run } = bench(
    fence('event="plug" on="first" hands="1m"', '# Press the button.') + fence('check="plug"', 'true'),
  );
  const alone = run('m1');
  assert.deepEqual([alone.status, /nobody to ask/.test(alone.stderr)], [1, true]);
  const helped = run('m1', { input: '\n' });
  assert.equal(helped.status, 0);
  assert.match(helped.stdout, /# Press the button\.[\s\S]*By hand\. Press Enter/);
});

test('an event runs once for its text, and again when asked', () => {
  const { run, read } = bench(
    fence('event="drill" on="first"', 'echo x >>drills') + fence('check="drill"', 'true'),
  );
  run('m1');
  run('m1');
  assert.equal(read('drills'), 'x\n');
  run('m1', { args: ['--again'] });
  assert.equal(read('drills'), 'x\nx\n');
});

test('after a restart of the machine the script goes on behind it', () => {
  const { run, read, home, steps } = bench(
    fence('event="restart" on="first" reboots', 'echo x >>restarts') + fence('check="restart"', 'true'),
  );
  const first = run('m1');
  assert.equal(first.status, 75);
  assert.match(first.stdout, /When it is back, run this file again/);
  // As it is after a restart: the boot id that was noted is another one.
  writeFileSync(
    join(home, `.local/state/kfs-export/m1.${steps[0]?.digest.slice(0, 16)}`),
    'restarting before\n',
  );
  assert.equal(run('m1').status, 0);
  assert.equal(read('restarts'), 'x\n');
});

test('of several ways one is taken', () => {
  const way = (name: string): string =>
    fence(`step="${name}" on="first" either="software"`, `touch ${name}`) +
    fence(`check="${name}"`, `test -f ${name}`);
  const { run, read } = bench(way('build') + way('download'));
  assert.equal(run('m1', { input: 'n\n\n' }).status, 0);
  assert.throws(() => read('build'));
  assert.equal(read('download'), '');
  const other = bench(way('build') + way('download'));
  assert.equal(other.run('m1', { input: '\n' }).status, 0);
  assert.throws(() => other.read('download'));
});

test('each host has its own script, which waits for what another does first', () => {
  const { scripts, run, read } = bench(
    fence('step="key" on="workstation" for="etcd"', 'echo "$KFS_MACHINE" >>keys') +
      fence('check="key"', 'grep -x "$KFS_MACHINE" keys') +
      fence('step="use" on="etcd"', 'echo "$KFS_MACHINE" >used') +
      fence('check="use"', 'test -f used'),
    ['m1', 'm2'],
  );
  assert.deepEqual([...scripts.keys()], ['workstation', 'm1', 'm2']);
  assert.equal(run('workstation').status, 0);
  assert.equal(read('keys'), 'm1\nm2\n');
  const alone = run('m2');
  assert.equal(alone.status, 1);
  assert.match(alone.stdout, /First, elsewhere:\n {5}key for m2 on workstation\n/);
  assert.equal(run('m2', { input: '\n' }).status, 0);
  assert.equal(read('used'), 'm2\n');
  const again = run('m2');
  assert.deepEqual([again.status, /elsewhere/.test(again.stdout)], [0, false]);
});

test('of alternatives a script waits for those that have a machine under this plan', () => {
  const way = (id: string, on: string) =>
    fence(`step="${id}" on="${on}" either="space"`, `touch ${id}`) + fence(`check="${id}"`, `test -f ${id}`);
  const { run } = bench(
    way('disks', 'storage') +
      way('folder', 'workstation') +
      fence('step="use" on="etcd"', 'touch used') +
      fence('check="use"', 'test -f used'),
  );
  assert.match(run('m1').stdout, /First, elsewhere:\n {5}folder on workstation\n/);
});

test('--from begins at a step, --list runs nothing, and what is not there is refused', () => {
  const step = (id: string): string =>
    fence(`step="${id}" on="first"`, `touch ${id}`) + fence(`check="${id}"`, `test -f ${id}`);
  const { run, read } = bench(step('a') + step('b'));
  assert.match(run('m1', { args: ['--list'] }).stdout, /== a[\s\S]*== b/);
  assert.equal(run('m1', { args: ['--from', 'b'] }).status, 0);
  assert.throws(() => read('a'));
  assert.equal(read('b'), '');
  assert.equal(run('m1', { args: ['--from', 'c'] }).status, 2);
  assert.equal(run('m1', { args: ['--wrong'] }).status, 2);
});

test('a here-document ends only where the text does', () => {
  assert.equal(hereDocument('a\n'), "<<'KFS_TEXT'\na\nKFS_TEXT\n");
  assert.equal(hereDocument('KFS_TEXT\nKFS_TEXT_1\n'), "<<'KFS_TEXT_2'\nKFS_TEXT\nKFS_TEXT_1\nKFS_TEXT_2\n");
});
