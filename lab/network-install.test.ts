/**
 * The book's own image, installed over the network: by the commands that a reader types, on a machine that starts
 * nothing but what `kfs install boot` has made.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Lab } from './lab.ts';
import { isBlank } from './machine/boot.ts';
import { machinePaths } from './paths.ts';
import { BOOT_LIMIT_MS, noLab } from './testing/support.ts';

const run = promisify(execFile);
const KFS = resolve(import.meta.dirname, '..', 'kfs');

/** A login, a name, and the host key by which we will know the machine. */
const config = (state: string): string => `
ignition: { version: 3.3.0 }
passwd: { users: [{ name: core, sshAuthorizedKeys: [{ local: ${state}/ssh/id_ed25519.pub }] }] }
storage:
  files:
    - { path: /etc/hostname, mode: 0o644, contents: { inline: "n1\\n" } }
    - path: /etc/ssh/ssh_host_ed25519_key
      mode: 0o600
      contents: { local: ${state}/pki/machines/n1/ssh/ssh_host_ed25519_key }
`;

describe('a machine that is installed over the network', { skip: noLab, timeout: 3_600_000 }, () => {
  let state: string;
  let lab: Lab;
  let server: ChildProcess;
  const kfs = async (...words: string[]) => (await run(KFS, ['--state', state, ...words])).stdout;
  const status = async () => JSON.parse(await kfs('--json', 'install', 'status'));
  const files = () => machinePaths(lab.paths, 'n1');

  before(async () => {
    state = await mkdtemp(join(tmpdir(), 'kfs-network-install-'));
    lab = new Lab(join(state, 'lab'));
    await kfs('image', 'build');
    await kfs('lab', 'up', '--no-power');
    await kfs('pki', 'init');
    await writeFile(join(state, 'n1.yaml'), config(state));
    await kfs('image', 'config', join(state, 'n1.yaml'), join(state, 'os', 'n1.ign'));
    await kfs('install', 'boot', '--out', join(state, 'network'));
    await kfs('lab', 'up', '--no-power', '--image', join(state, 'network'));
    server = spawn(KFS, ['--state', state, 'install', 'serve'], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(server.stdout!, 'data');
  });
  after(async () => {
    server?.kill();
    if (server && server.exitCode === null) await once(server, 'exit');
    await lab?.down({ erase: true });
    await rm(state, { recursive: true, force: true });
  });

  /** Starts the machine, and waits until its installer has given up; what it said about that. */
  async function failure(): Promise<string> {
    await writeFile(files().log, '');
    await lab.power('n1', 'on');
    const limit = Date.now() + BOOT_LIMIT_MS;
    while (Date.now() < limit) {
      const log = await readFile(files().log, 'utf8').catch(() => '');
      const said = log.match(
        /FAILED: (.*?)\r?\n[\s\S]*kfs-install: \[\d+ s\] (the disk was not touched|nothing boots from)/,
      );
      if (said) {
        await assert.rejects(lab.waitForSsh('n1', 500), {
          message: /^n1 did not answer ssh in/,
          next: 'see how far it came: kfs lab console n1',
        });
        await lab.power('n1', 'cut');
        return said[1]!;
      }
      await sleep(200);
    }
    throw new Error('the installer did not give up');
  }

  test('gets nothing, and keeps its disk, as long as it is not armed', async () => {
    assert.match(await failure(), /refused: no machine with the card 52:54:00:77:00:11 is armed/);
    assert.ok(await isBlank(files().disk(0)));
    const { machines, requests } = await status();
    assert.equal(machines[0].armed, undefined);
    assert.deepEqual(
      requests.map((asked: { from: string }) => asked.from),
      ['10.77.0.11'],
    );
  });

  test('does not become bootable when the image is only half there', async () => {
    const image = join(state, 'mirror', 'os-image', '13', 'amd64', 'os.raw.zst');
    await rename(image, `${image}.whole`);
    await run('sh', ['-c', 'head --bytes=64M "$1.whole" >"$1"', 'sh', image]);
    await kfs('install', 'arm', 'n1');
    assert.match(await failure(), /the image from the workstation has the digest [0-9a-f]{64}, not /);
    assert.ok(await isBlank(files().disk(0)), 'there is no partition table');
    await rename(`${image}.whole`, image);
  });

  test('is installed when it is armed, and answers under the key that was made for it', async () => {
    await kfs('install', 'arm', 'n1');
    await lab.power('n1', 'on');
    await lab.waitForSsh('n1', BOOT_LIMIT_MS);
    const options = [`UserKnownHostsFile=${state}/ssh/known_hosts`, 'StrictHostKeyChecking=yes'];
    const { stdout } = await run('ssh', [
      ...['-F', lab.paths.sshConfig, '-i', join(state, 'ssh', 'id_ed25519'), '-l', 'core'],
      ...options.flatMap(option => ['-o', option]),
      ...['n1', 'hostname; findmnt --noheadings --output SOURCE /'],
    ]);
    assert.equal(stdout, 'n1\n/dev/ubda3\n');
    const { machines, requests } = await status();
    assert.equal(machines[0].handed.name, 'n1');
    assert.equal(requests.at(-1).outcome, 'handed out');
    await lab.power('n1', 'off');
  });

  test('is refused when it asks a second time, which is reported', async () => {
    await lab.wipe('n1');
    assert.match(await failure(), /refused: n1 was given its config already; arm it anew/);
    assert.ok(await isBlank(files().disk(0)));
    assert.match(
      await kfs('install', 'status'),
      /REFUSED n1 at 10\.77\.0\.11: n1 was given its config already/,
    );
  });
});
