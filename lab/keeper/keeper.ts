/**
 * The keeper of a lab: the one process that holds its namespaces, with the router and the machines as children.
 * It is started by `guard.sh` inside the namespaces; when it ends, for whatever reason, the kernel ends
 * everything in them. It takes orders on a socket.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, openSync, readFileSync, readlinkSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { KfsError } from '../../runner/errors.ts';
import { findProgram } from '../../runner/host-packages.ts';
import { serveMirror } from '../../software/serve.ts';
import { bridgeBatch, dnsmasqConfig, natRules } from '../network/router.ts';
import { serveTime } from '../network/time.ts';
import { wayOut } from '../network/uplink.ts';
import { labPaths } from '../paths.ts';
import { RunningMachine } from './machine.ts';
import type { Answer, LabStatus, Launch, Request } from './protocol.ts';
import { refusal, requestServer } from './server.ts';

const paths = labPaths(process.argv[2]!, process.argv[3]!);
const launch = JSON.parse(readFileSync(join(paths.run, 'launch.json'), 'utf8')) as Launch;
const { plan, settings } = launch;

function command(argv: string[], input?: string): void {
  const program = findProgram(argv[0]!) ?? argv[0]!;
  const done = spawnSync(program, argv.slice(1), { input: input ?? '', encoding: 'utf8' });
  if (done.status === 0) return;
  const said = (done.stderr || done.error?.message || '').trim();
  throw new KfsError('host-unsupported', `${argv.join(' ')} failed in the lab's namespace: ${said}`, {
    next: 'kfs lab probe tells what this host allows',
  });
}

function raiseNetwork(): ChildProcess {
  command(['ip', '-batch', '-'], bridgeBatch(plan.network, plan.machines));
  if (launch.uplink.kind !== 'none') {
    writeFileSync('/proc/sys/net/ipv4/ip_forward', '1');
    command(['nft', '-f', '-'], natRules(plan.network));
  }
  const config = join(paths.run, 'dnsmasq.conf');
  const leases = join(paths.run, 'leases');
  writeFileSync(config, dnsmasqConfig(plan.network, plan.machines, launch.uplink.dns, leases));
  const log = openSync(join(paths.logs, 'router.log'), 'w');
  const argv = ['--no-daemon', '-C', config, '--pid-file='];
  return spawn(findProgram('dnsmasq')!, argv, { stdio: ['ignore', log, log] });
}

/** Programs of the workstation that are run in here ask the lab's router for names. */
function useOwnNames(): void {
  const file = join(paths.run, 'resolv.conf');
  writeFileSync(file, `nameserver ${plan.network.router}\nsearch ${plan.network.domain}\n`);
  spawnSync('mount', ['--bind', file, '/etc/resolv.conf']);
}

/** The workstation's address exists in here only, so what it serves is served from here. */
async function serveWorkstation(): Promise<void> {
  const { mirror } = settings;
  if (!mirror) return;
  mkdirSync(mirror, { recursive: true });
  await serveMirror(mirror, plan.network.workstation, plan.network.mirrorPort);
}

const machines = new Map<string, RunningMachine>();

function machineOf(name: string): RunningMachine {
  const machine = machines.get(name);
  if (machine) return machine;
  const names = [...machines.keys()].join(', ');
  throw new KfsError('usage', `there is no machine ${name} in the lab`, {
    next: `its machines are ${names}`,
  });
}

function labStatus(): LabStatus {
  const engine = launch.kernel?.release ?? (launch.emulator?.kvm ? 'KVM' : 'TCG');
  const list = [...machines.values()].map(machine => machine.status());
  const { backend } = settings;
  return {
    up: true,
    backend,
    engine,
    ...wayOut(launch.uplink, paths),
    network: plan.network,
    machines: list,
  };
}

async function answer(request: Request): Promise<Answer> {
  if (request.type === 'power') await machineOf(request.name).act(request.action);
  if (request.type === 'stick') plugStick(request.name, request.file);
  if (request.type === 'wait-off') await waitForOff(request.name, request.timeoutMs);
  if (request.type === 'wait') await waitForSsh(request.name, request.timeoutMs);
  if (request.type === 'down') setImmediate(end);
  return { ok: true, status: labStatus() };
}

/** A stick is one thing: it is in one machine at a time. */
function plugStick(name: string, file?: string): void {
  const machine = machineOf(name);
  const other = labStatus().machines.find(one => file && one.stick === file && one.name !== name);
  if (other) {
    throw new KfsError('refused', `the stick ${file} is in ${other.name}`, {
      next: `pull it out first: kfs lab stick ${other.name}`,
    });
  }
  machine.plugStick(file);
}

async function waitForOff(name: string, timeoutMs: number): Promise<void> {
  const machine = machineOf(name);
  const limit = Date.now() + timeoutMs;
  while (machine.status().power !== 'off') {
    if (Date.now() > limit) {
      throw new KfsError('lab-failed', `${name} is still on after ${Math.round(timeoutMs / 1000)} s`, {
        next: `see what it does: kfs lab console ${name}`,
      });
    }
    await sleep(200);
  }
  const { ended } = machine.status();
  if (!ended) return;
  throw new KfsError('lab-failed', `${name} went off: ${ended}`, {
    next: `its console log: ${join(paths.machines, name, 'console.log')}`,
  });
}

/** Gently: one connection that reads the greeting, then a pause; a server penalises those who break off in a hurry. */
async function waitForSsh(name: string, timeoutMs: number): Promise<void> {
  const machine = machineOf(name);
  const end = Date.now() + timeoutMs;
  while (Date.now() < end) {
    const { power, address, ended } = machine.status();
    if (power === 'off' && (ended || Date.now() > end - timeoutMs + 2000)) {
      throw new KfsError('lab-failed', `${name} is off: ${ended ?? 'nobody has switched it on'}`, {
        next: `kfs lab power ${name} on; its console log: ${join(paths.machines, name, 'console.log')}`,
      });
    }
    if (await greets(address)) return;
    await sleep(200);
  }
  throw new KfsError('lab-failed', `${name} did not answer ssh in ${Math.round(timeoutMs / 1000)} s`, {
    next: `see how far it came: kfs lab console ${name}`,
  });
}

function greets(address: string): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ host: address, port: 22, timeout: 1000 });
    const done = (result: boolean) => {
      socket.destroy();
      resolve(result);
    };
    socket.on('data', bytes => done(bytes.toString('latin1').startsWith('SSH-')));
    socket.on('timeout', () => done(false));
    socket.on('error', () => done(false));
    socket.on('close', () => resolve(false));
  });
}

function end(): void {
  for (const machine of machines.values()) void machine.act('cut');
  rmSync(paths.socket, { force: true });
  setTimeout(() => process.exit(0), 50);
}

/** The socket appears last and whole: who can connect finds everything ready. */
async function begin(): Promise<void> {
  const router = raiseNetwork();
  router.on('exit', status => {
    console.error(`the router (dnsmasq) ended with status ${status}; see ${join(paths.logs, 'router.log')}`);
    process.exit(1);
  });
  useOwnNames();
  serveTime(plan.network.router);
  await serveWorkstation();
  plan.machines.forEach((spec, index) => {
    machines.set(spec.name, new RunningMachine(spec, index, launch, paths));
  });
  const draft = `${paths.socket}.new`;
  requestServer(answer).listen(draft, () => renameSync(draft, paths.socket));
}

process.on('SIGTERM', end);
process.on('SIGINT', end);
// /proc belongs to the host, so this is the number by which the host knows us.
writeFileSync(paths.keeperPid, readlinkSync('/proc/self'));
begin().catch(error => {
  console.error(`failed: ${JSON.stringify(refusal(error))}`);
  process.exit(1);
});
