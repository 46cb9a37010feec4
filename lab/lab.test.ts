/** The lab for real: machines are switched on, cut, saved. On a cold cache the first test builds kernel and image. */
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import { attach, LEAVE_KEY } from './attach.ts';
import { ensureTestImage } from './image/test-image.ts';
import { Lab } from './lab.ts';
import { keeperPid } from './launch.ts';
import { machinePaths } from './paths.ts';
import type { LabPlan } from './spec.ts';
import { insideLabArgv } from './ssh.ts';
import { BOOT_LIMIT_MS, noLab, planOf, sshTo, switchOn } from './testing/support.ts';

/** What the host shows of its own network. */
const hostNetwork = (): string =>
  [
    execFileSync('ip', ['-br', 'address'], { encoding: 'utf8' }).replace(/fe80\S+/g, ''),
    execFileSync('ip', ['route'], { encoding: 'utf8' }),
    readFileSync('/proc/sys/net/ipv4/ip_forward', 'utf8'),
  ].join('\n');

/** Command lines of living processes that mention a text. */
const processes = (text: string): string[] =>
  globSync('/proc/[0-9]*/cmdline')
    .map(file => {
      try {
        return readFileSync(file, 'utf8').replaceAll('\0', ' ');
      } catch {
        return '';
      }
    })
    .filter(line => line.includes(text));

/** Process numbers of ways out that were given this word. */
const waysOutOf = (word: string): number[] =>
  globSync('/proc/[0-9]*/cmdline').flatMap(file => {
    try {
      const [program, ...words] = readFileSync(file, 'utf8').split('\0');
      return /slirp4netns|pasta/.test(program!) && words.includes(word) ? [Number(file.split('/')[2])] : [];
    } catch {
      return [];
    }
  });

/** Reads more pages, far from each other in memory, than the host has mappings for a process (vm.max_map_count). */
const MANY_PAGES = `
  my $pages = 80_000;
  my $start = syscall(9, 0, $pages * 4096, 3, 0x22, -1, 0);
  for my $page ((0 .. $pages - 1) x 2) {
    die "not zero" if unpack("P1", pack("Q", $start + 4096 * $page)) ne "\\0";
  }
  print "all read";
`;

describe('a lab', {
  skip: noLab,
  timeout: 3_600_000,
}, () => {
  let folder: string;
  let lab: Lab;
  let plan: LabPlan;
  let image: string;
  let network: string;

  const ssh = (name: string, command: string, where = lab) => sshTo(where, image, name, command);
  const on = (name: string, where = lab) => switchOn(where, name);

  const machine = async (name: string) => {
    const status = await lab.status();
    return status.up ? status.machines.find(candidate => candidate.name === name) : undefined;
  };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kfs-lab-test-'));
    image = await ensureTestImage();
    lab = new Lab(join(folder, 'lab'));
    plan = await planOf(folder, 1);
    network = hostNetwork();
    await lab.up({ plan, settings: { image, memory: 512, disk: 2, data: 1 } });
    await on('n1');
  });

  after(async () => {
    await lab?.down({ erase: true });
    await rm(folder, { recursive: true, force: true });
  });

  test('a machine has the address, name, router and name server of the plan', async () => {
    const shown = await ssh('n1', 'hostname; ip -br -4 address show vec0; ip route; getent hosts router');
    assert.match(shown, /^n1$/m);
    assert.match(shown, /vec0 .* 10\.77\.0\.11\/24/);
    assert.match(shown, /^default via 10\.77\.0\.1 /m);
    assert.match(shown, /^10\.77\.0\.1 +router/m);
  });

  test('a machine has its disks, and modprobe is content with a kernel that has everything built in', async () => {
    assert.equal(await ssh('n1', 'lsblk -dno NAME,SIZE | tr -s " "'), 'ubda 2G\nubdb 1G');
    await ssh(
      'n1',
      'modprobe overlay && modprobe br_netfilter && nft add table ip t && nft add table inet t',
    );
    assert.match(await ssh('n1', 'grep "cpu MHz" /proc/cpuinfo'), /[1-9][0-9.]+$/);
  });

  test('a program that uses more pages than the host has mappings for goes on', async () => {
    assert.equal(await ssh('n1', `timeout 120 perl -e '${MANY_PAGES}'`), 'all read');
  });

  test('programs of the workstation run in the lab at its address, and machines reach them', async () => {
    const argv = insideLabArgv(await lab.insidePid(), [
      process.execPath,
      '-e',
      "require('net').createServer(s => { s.end('mirror'); process.exitCode = 0; }).listen(8080, '10.77.0.2').unref(); setTimeout(() => {}, 20000).unref(); process.stdout.write('ready'); setTimeout(() => process.exit(), 15000)",
    ]);
    const server = execFile(argv[0]!, argv.slice(1));
    await new Promise(resolve => server.stdout!.once('data', resolve));
    assert.equal(await ssh('n1', 'timeout 5 bash -c "cat </dev/tcp/workstation/8080"'), 'mirror');
    server.kill('SIGKILL');
  });

  test('the router tells the time', async () => {
    const client = `const socket = require('dgram').createSocket('udp4');
      const packet = Buffer.alloc(48); packet[0] = 0x23;
      socket.on('message', reply => { process.stdout.write(String(reply.readUInt32BE(40) - 2208988800)); socket.close(); });
      socket.send(packet, 123, '10.77.0.1');
      setTimeout(() => process.exit(1), 5000).unref();`;
    const argv = insideLabArgv(await lab.insidePid(), [process.execPath, '-e', client]);
    const told = Number(execFileSync(argv[0]!, argv.slice(1), { encoding: 'utf8' }));
    assert.ok(Math.abs(told - Date.now() / 1000) < 5, String(told));
  });

  test('the network of the host is as it was', () => assert.equal(hostNetwork(), network));

  test('up again with the same plan changes nothing', async () => {
    const { pid } = (await machine('n1'))!;
    await lab.up({ plan });
    assert.equal((await machine('n1'))!.pid, pid);
  });

  test('up with another plan is refused while machines are on', async () => {
    await assert.rejects(lab.up({ plan: await planOf(folder, 2) }), { code: 'refused', message: /n1 is on/ });
  });

  test('the console shows what the machine says, takes what is typed, and is left by its key', async () => {
    const [input, output] = [new PassThrough(), new PassThrough()];
    const session = attach(machinePaths(lab.paths, 'n1').console, input, output);
    let shown = '';
    output.on('data', bytes => {
      shown += bytes;
      if (/login: *$/.test(shown)) input.write(Buffer.from([LEAVE_KEY]));
    });
    input.write('\r');
    assert.equal(await session, 'left');
    assert.match(shown, /n1 login:/);
    assert.match(await readFile(machinePaths(lab.paths, 'n1').log, 'utf8'), /Reached target .*multi-user/);
  });

  test('the console of a machine that is not there is refused with which there are', async () => {
    await assert.rejects(lab.consoleOf('n9'), { code: 'usage', message: /no machine n9/, next: /n1/ });
  });

  test('a stick that is not there is refused at once with how to make one', async () => {
    const nowhere = { code: 'usage', message: /nowhere is not there/, next: /kfs run os-stick/ };
    await assert.rejects(lab.stick('n1', join(folder, 'nowhere')), nowhere);
    await assert.rejects(lab.stick('n1', folder), { code: 'usage', message: /no image of a stick/ });
  });

  test('a reader of the console who does not read does not hold the machine up', async () => {
    const deaf = createConnection(machinePaths(lab.paths, 'n1').console);
    deaf.pause();
    await ssh('n1', 'head -c 12000000 /dev/zero | tr "\\0" x >/dev/ttyS0');
    deaf.destroy();
  });

  test('a restart from inside is a restart', async () => {
    const before = await ssh('n1', 'cat /proc/sys/kernel/random/boot_id');
    await ssh('n1', 'systemctl reboot').catch(() => {});
    while ((await machine('n1'))!.starts < 2) await new Promise(resolve => setTimeout(resolve, 50));
    await lab.waitForSsh('n1', BOOT_LIMIT_MS);
    assert.notEqual(await ssh('n1', 'cat /proc/sys/kernel/random/boot_id'), before);
  });

  test('reset is a new start', async () => {
    const before = await ssh('n1', 'cat /proc/sys/kernel/random/boot_id');
    await lab.power('n1', 'reset');
    await lab.waitForSsh('n1', BOOT_LIMIT_MS);
    assert.notEqual(await ssh('n1', 'cat /proc/sys/kernel/random/boot_id'), before);
  });

  test('a power cut keeps what was synced and loses what was not', async () => {
    await ssh('n1', 'echo kept >/root/a; sync; echo lost >/root/b');
    await lab.power('n1', 'cut');
    assert.equal((await machine('n1'))!.power, 'off');
    assert.deepEqual(processes(`umid=n1 uml_dir=${lab.paths.run}`), []);
    await on('n1');
    assert.equal(await ssh('n1', 'cat /root/a'), 'kept');
    assert.equal(await ssh('n1', 'cat /root/b 2>/dev/null || true'), '');
  });

  test('saving or restoring under a machine that is on is refused', async () => {
    await assert.rejects(lab.save('s'), {
      code: 'refused',
      message: /n1 is on/,
      next: 'kfs lab power n1 off',
    });
    await assert.rejects(lab.restore('s'), { code: 'refused' });
    await assert.rejects(lab.wipe('n1'), { code: 'refused' });
  });

  test('the power button ends a machine in order, and a saved state comes back', async () => {
    await ssh('n1', 'echo saved >/root/c');
    await lab.power('n1', 'off');
    assert.equal((await machine('n1'))!.power, 'off');
    await mkdir(join(folder, 'journal'));
    await writeFile(join(folder, 'journal', 'j'), '1');
    await lab.save('s', [join(folder, 'journal')]);
    await on('n1');
    assert.equal(await ssh('n1', 'cat /root/c; echo changed >/root/c; sync'), 'saved');
    await lab.power('n1', 'cut');
    await writeFile(join(folder, 'journal', 'j'), '2');
    await lab.restore('s');
    assert.equal(await readFile(join(folder, 'journal', 'j'), 'utf8'), '1');
    await lab.up({ plan });
    await on('n1');
    assert.equal(await ssh('n1', 'cat /root/c'), 'saved');
  });

  test('two machines in one lab have each its own lease, and reach one another', async () => {
    const pair = new Lab(join(folder, 'pair'));
    await mkdir(join(folder, 'two'));
    try {
      const two = await planOf(join(folder, 'two'), 2);
      await pair.up({ plan: two, settings: { image, memory: 512, disk: 2, data: 1 } });
      await Promise.all(['n1', 'n2'].map(name => on(name, pair)));
      assert.match(
        await ssh('n2', 'hostname; ip -br -4 address show vec0', pair),
        /^n2\n.* 10\.77\.0\.12\/24/,
      );
      const greeting = 'timeout 10 bash -c "head -c 4 </dev/tcp/n2/22"';
      assert.equal(await ssh('n1', greeting, pair), 'SSH-');
    } finally {
      await pair.down({ erase: true });
    }
  });

  test('a second lab from another folder has the same addresses and does not meet the first', async () => {
    const other = new Lab(join(folder, 'other'));
    const twin = await planOf(folder, 1);
    twin.machines[0]!.name = 'twin';
    try {
      await other.up({ plan: twin, settings: { image, memory: 512, disk: 2, data: 1 } });
      await on('twin', other);
      assert.equal(await ssh('twin', 'hostname', other), 'twin');
      assert.equal(await ssh('n1', 'hostname'), 'n1');
    } finally {
      await other.down({ erase: true });
    }
    assert.deepEqual(processes(other.paths.root), []);
    assert.equal(await ssh('n1', 'hostname'), 'n1');
  });

  test('the status says when the way out has ended, and where to read why', async t => {
    const before = await lab.status();
    if (!before.up || before.uplink === 'none') return t.skip('this host has no way out');
    const [program] = waysOutOf(`/proc/${await keeperPid(lab.paths)}/ns/net`);
    process.kill(program!, 'SIGKILL');
    const limit = Date.now() + 10_000;
    for (let status = before; status.up && status.uplink !== 'none' && Date.now() < limit; ) {
      await new Promise(resolve => setTimeout(resolve, 50));
      status = (await lab.status()) as typeof before;
    }
    const after = await lab.status();
    assert.ok(after.up && after.uplink === 'none');
    assert.match(after.noWayOut!, new RegExp(`^${before.uplink} has ended; see .*uplink.log$`));
  });

  test('waiting for a machine that is off fails with what to do', async () => {
    await lab.power('n1', 'cut');
    await assert.rejects(lab.waitForSsh('n1', 5000), { code: 'lab-failed', next: /kfs lab power n1 on/ });
    await assert.rejects(lab.power('n9', 'on'), { code: 'usage', message: /no machine n9/, next: /n1/ });
  });

  test('when the keeper dies everything dies with it, and the next up finds nothing in its way', async () => {
    await lab.power('n1', 'on');
    process.kill(Number(await keeperPid(lab.paths)), 'SIGKILL');
    const limit = Date.now() + 10_000;
    while (processes(lab.paths.run).length > 0 && Date.now() < limit)
      await new Promise(r => setTimeout(r, 50));
    assert.deepEqual(processes(lab.paths.run), []);
    assert.deepEqual(await lab.status(), { up: false });
    await lab.up({ plan });
    assert.equal((await machine('n1'))!.power, 'off');
  });

  test('down leaves no process and no file outside of the lab', async () => {
    await lab.power('n1', 'on');
    await lab.down({ cut: true });
    assert.deepEqual(processes(lab.paths.root), []);
    assert.deepEqual(processes(lab.paths.run), []);
    assert.equal(existsSync(lab.paths.run), false);
    assert.equal(hostNetwork(), network);
  });
});
