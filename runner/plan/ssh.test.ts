import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type StatePaths, statePaths } from '../state.ts';
import { parsePlan } from './load.ts';
import type { Plan } from './plan.ts';
import { renderSshConfig, type SshOptions } from './ssh.ts';
import { THREE } from './testing/plans.ts';

const skip = spawnSync('ssh', ['-V']).status !== 0 && 'the OpenSSH client is not installed';
const plan = parsePlan(THREE, 'cluster.yaml').plan ?? assert.fail('the test plan is wrong');

function folder(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'ssh-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** What ssh itself makes of the file, by option; options that may be given often hold all their values. */
function understood(dir: string, text: string, host: string, flags: string[] = []): Record<string, string> {
  const file = join(dir, 'config');
  writeFileSync(file, text, { mode: 0o600 });
  const lines = execFileSync('ssh', ['-G', '-F', file, ...flags, host], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const settings: Record<string, string> = {};
  for (const line of lines.split('\n')) {
    const [, option, value] = /^(\S+) (.*)$/.exec(line) ?? [];
    if (option) settings[option] = settings[option] ? `${settings[option]} ${value}` : (value ?? '');
  }
  return settings;
}

function settingsOf(
  t: TestContext,
  given: { plan?: Plan; state?: string; userConfig?: string; host?: string; flags?: string[] },
) {
  const dir = folder(t);
  const userConfig = join(dir, 'user_config');
  if (given.userConfig) writeFileSync(userConfig, given.userConfig, { mode: 0o600 });
  const text = renderSshConfig(given.plan ?? plan, statePaths(given.state ?? dir), { userConfig });
  return understood(dir, text, given.host ?? 'n2', given.flags);
}

test("a machine is reached at its address, as the plan's user, under the key pinned for its name", {
  skip,
}, t => {
  const state = folder(t);
  const settings = settingsOf(t, { state });
  assert.equal(settings.hostname, '192.168.1.22');
  assert.equal(settings.user, 'core');
  assert.equal(settings.hostkeyalias, 'n2');
  assert.equal(settings.userknownhostsfile, statePaths(state).knownHosts);
  assert.equal(settings.globalknownhostsfile, '/dev/null');
  assert.match(settings.stricthostkeychecking ?? '', /^(true|yes)$/);
  assert.equal(settings.identityfile, statePaths(state).sshKey);
  assert.equal(settings.connecttimeout, '10');
  assert.equal(settings.controlmaster, 'auto');
});

test('by its address and its full name a machine is held to the same key', { skip }, t => {
  for (const host of ['192.168.1.22', 'n2.kfs.home.arpa']) {
    assert.equal(settingsOf(t, { host }).hostkeyalias, 'n2', host);
  }
});

const LOOSE = `Host *
  StrictHostKeyChecking no
  UserKnownHostsFile /dev/null
  GlobalKnownHostsFile /etc/anything
  HostKeyAlias other
  HostName 10.9.9.9
  User mallory
  UpdateHostKeys yes
  VerifyHostKeyDNS yes
  ForwardAgent yes
  RemoteCommand id
  KnownHostsCommand /bin/true
  Compression yes
  ProxyJump bastion
`;

const pinned = (settings: Record<string, string>, knownHosts: string) => {
  assert.match(settings.stricthostkeychecking ?? '', /^(true|yes)$/);
  assert.equal(settings.userknownhostsfile, knownHosts);
  assert.equal(settings.globalknownhostsfile, '/dev/null');
  assert.equal(settings.hostkeyalias, 'n2');
  assert.equal(settings.user, 'core');
  assert.match(settings.updatehostkeys ?? '', /^(false|no)$/);
  assert.match(settings.verifyhostkeydns ?? '', /^(false|no)$/);
  assert.equal(settings.forwardagent, 'no');
  assert.ok(!settings.remotecommand || settings.remotecommand === 'none');
  assert.ok(!settings.knownhostscommand || settings.knownhostscommand === 'none');
};

test("the reader's own ssh settings are respected where they do not loosen trust", { skip }, t => {
  const state = folder(t);
  const settings = settingsOf(t, { state, userConfig: LOOSE });
  pinned(settings, statePaths(state).knownHosts);
  assert.equal(settings.hostname, '192.168.1.22');
  assert.equal(settings.compression, 'yes');
  assert.equal(settings.proxyjump, 'bastion');
});

test("the plan's ssh.config may change the way to a machine, and not whom we trust", { skip }, t => {
  const dir = folder(t);
  const config = join(dir, 'lab [1].conf');
  writeFileSync(config, `${LOOSE}  Port 2222\n`, { mode: 0o600 });
  const settings = settingsOf(t, { state: dir, plan: { ...plan, ssh: { ...plan.ssh, config } } });
  pinned(settings, statePaths(dir).knownHosts);
  assert.equal(settings.hostname, '10.9.9.9');
  assert.equal(settings.port, '2222');
});

test("a host that is not of the plan has the reader's settings alone", { skip }, t => {
  const settings = settingsOf(t, { host: 'bastion', userConfig: 'Host bastion\n  User alice\n' });
  assert.equal(settings.user, 'alice');
  assert.ok(!settings.hostkeyalias || settings.hostkeyalias === 'none');
  assert.doesNotMatch(settings.stricthostkeychecking ?? '', /^(true|yes)$/);
});

test('a key of the plan replaces the one that the book makes', { skip }, t => {
  const settings = settingsOf(t, { plan: { ...plan, ssh: { user: 'me', key: '/keys/my key' } } });
  assert.equal(settings.identityfile, '/keys/my key');
  assert.equal(settings.user, 'me');
});

test('paths with spaces, percent signs and hashes reach ssh whole', { skip }, t => {
  const dir = join(folder(t), 'a #1 100% state');
  mkdirSync(dir);
  assert.equal(
    settingsOf(t, { state: dir }).userknownhostsfile?.replaceAll('%%', '%'),
    join(dir, 'ssh', 'known_hosts'),
  );
});

test('a path that ssh cannot be told of is refused', () => {
  for (const dir of ['/a"b', '/a\\b', '/a$' + '{HOME}', '/a\nb']) {
    assert.throws(() => renderSshConfig(plan, statePaths(dir)), { code: 'usage' }, dir);
  }
});

/** Room for a socket's path on the tightest system, and what ssh adds to it while it makes the socket. */
const LIMIT = 104 - 1 - 17;

const controlPathOf = (t: TestContext, paths: StatePaths, options: SshOptions): string | undefined =>
  understood(folder(t), renderSshConfig(plan, paths, { userConfig: '/nonexistent', ...options }), 'n2')
    .controlpath;

test('the path of a shared connection is short enough wherever the state is', { skip }, t => {
  const runtime = folder(t);
  const deep = `/${'deep/'.repeat(30)}`;
  const short = controlPathOf(t, statePaths('/s'), {});
  assert.match(short ?? '', /^\/s\/ssh\//);
  const inRuntime = controlPathOf(t, statePaths(deep), { runtimeDir: runtime });
  assert.ok(inRuntime?.startsWith(`${runtime}/kfs-`), inRuntime);
  const inTmp = controlPathOf(t, statePaths(`${deep}${process.pid}`), { runtimeDir: '/nonexistent' });
  assert.match(inTmp ?? '', /^\/tmp\/kfs-\d+-[0-9a-f]{8}\//);
  rmSync(join(inTmp ?? '/nonexistent', '..'), { recursive: true, force: true });
  for (const path of [short, inRuntime, inTmp]) assert.ok(Buffer.byteLength(path ?? '') <= LIMIT, path);
});

test('two states, and two users at one machine, never share a connection', { skip }, t => {
  const runtime = folder(t);
  const deep = (name: string) => statePaths(`/${'deep/'.repeat(30)}${name}`);
  const one = controlPathOf(t, deep('one'), { runtimeDir: runtime });
  assert.notEqual(one, controlPathOf(t, deep('two'), { runtimeDir: runtime }));
  const dir = folder(t);
  const text = renderSshConfig(plan, statePaths('/s'));
  assert.notEqual(understood(dir, text, 'n2').controlpath, understood(dir, text, 'root@n2').controlpath);
});

test('a directory in /tmp that is not ours, or a link, is not used for connections', { skip }, t => {
  const paths = statePaths(`/${'deep/'.repeat(30)}link-${process.pid}`);
  const dir =
    /test -O (\S+)/.exec(renderSshConfig(plan, paths, { runtimeDir: '/nonexistent' }))?.[1] ??
    assert.fail('no guard');
  symlinkSync(folder(t), dir);
  t.after(() => rmSync(dir, { force: true }));
  const settings = understood(
    folder(t),
    renderSshConfig(plan, paths, { runtimeDir: '/nonexistent', userConfig: '/nonexistent' }),
    'n2',
  );
  assert.match(settings.controlmaster ?? '', /^(false|no)$/);
});

test('without a plan the file still reads, and knows no machine', { skip }, t => {
  const settings = understood(
    folder(t),
    renderSshConfig(null, statePaths('/s'), { userConfig: '/nonexistent' }),
    'n1',
  );
  assert.equal(settings.hostname, 'n1');
});
