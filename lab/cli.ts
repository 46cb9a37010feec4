/** `kfs lab …`. Knows where the lab's folder and the plan are only by what it is told. */
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { KfsError } from '../runner/errors.ts';
import { findProgram } from '../runner/host-packages.ts';
import { handTerminal } from '../software/terminal.ts';
import { attach } from './attach.ts';
import { ensureTestImage } from './image/test-image.ts';
import { ACTIONS, type Action } from './keeper/protocol.ts';
import { Lab, type LabStatus, type Report } from './lab.ts';
import { readBootFile } from './machine/boot.ts';
import { printProbe, printStatus, reporter } from './print.ts';
import { probe } from './probe.ts';
import { listSaves } from './saves.ts';
import {
  BACKENDS,
  type Backend,
  FIRMWARES,
  type Firmware,
  type LabSettings,
  proposePlan,
  readPlan,
} from './spec.ts';
import { insideLabArgv } from './ssh.ts';

/** What the command line around this one knows. */
export interface Surroundings {
  /** The lab's folder. */
  dir: string;
  /** The plan's file, which need not exist. */
  plan: string;
  json: boolean;
  /** The reader's private key, if there is one. */
  key: string;
  /** Where host keys are pinned. */
  knownHosts: string;
  /** Rendered from the plan, once there is one: login user, key and pinned host keys of an installed machine. */
  sshConfig: string;
  /** Folder to serve to the machines. */
  mirror: string;
  /** What is saved and restored with the disks when nothing else is named. */
  state: {
    /** Absolute paths of what there is of it now. */
    present(): string[];
    /** Throws while something works with it; until the release nothing can. */
    hold(): { release(): void };
  };
}
type Around = (command: Command) => Surroundings;

export function registerLab(program: Command, around: Around): void {
  const lab = program
    .command('lab')
    .description('machines made of software, for trying everything without hardware');
  registerLife(lab, around);
  registerMachines(lab, around);
  registerSaves(lab, around);
  lab
    .command('probe')
    .description('what this host allows, and why not')
    .action((_options, command: Command) => printProbe(probe(), around(command).json));
}

interface UpFlags {
  machines?: number;
  backend?: Backend;
  firmware?: Firmware;
  memory?: number;
  disk?: number;
  data?: number;
  image?: string;
  power: boolean;
}

function registerLife(lab: Command, around: Around): void {
  lab
    .command('up')
    .description('bring up the network and the machines')
    .option('--machines <n>', 'how many, when there is no plan yet', number(1, 60))
    .addOption(
      new Option('--backend <name>', 'uml: fast, a kernel as a process; qemu: a PC with firmware').choices(
        BACKENDS,
      ),
    )
    .addOption(new Option('--firmware <name>', 'of a qemu machine').choices(FIRMWARES))
    .option('--memory <MiB>', 'of each machine (default 2560)', number(256, 65536))
    .option('--disk <GiB>', 'size of system disks when they are made (default 20)', number(2, 4096))
    .option('--data <GiB>', 'size of data disks when they are made (default 10)', number(1, 4096))
    .option(
      '--image <dir>',
      'what machines boot: a folder with boot.json, "test" for a small ready system, or "none"; remembered for the next up',
    )
    .option('--no-power', 'leave the machines off')
    .action(async (flags: UpFlags, command: Command) => up(around(command), flags));
  lab
    .command('down')
    .description('shut the machines down and end everything; their disks stay')
    .option('--cut', 'pull the plug instead of shutting down')
    .option('--erase', 'remove machines, disks and settings too (saved states stay)')
    .action(async (flags: { cut?: boolean; erase?: boolean }, command: Command) => {
      await new Lab(around(command).dir).down(flags);
    });
  lab
    .command('status')
    .description('what is up')
    .action(async (_options, command: Command) => {
      const { dir, json } = around(command);
      printStatus(await new Lab(dir).status(), json);
    });
}

async function up(where: Surroundings, flags: UpFlags): Promise<void> {
  const lab = new Lab(where.dir);
  const report = reporter(where.json);
  const { power, machines, image, ...rest } = flags;
  const before = await lab.spec().catch(() => undefined);
  if (!existsSync(where.plan)) {
    const sshConfig = relative(dirname(where.plan), lab.paths.sshConfig);
    await mkdir(dirname(where.plan), { recursive: true });
    const backend = flags.backend ?? before?.settings.backend ?? 'uml';
    await writeFile(where.plan, proposePlan(machines ?? 1, backend, sshConfig));
    report({ phase: 'plan', done: 1, total: 1, text: `wrote ${where.plan}` });
  } else if (machines !== undefined) {
    const known = (await readPlan(where.plan)).machines.length;
    if (known !== machines) {
      throw new KfsError('usage', `the plan ${where.plan} has ${known} machines, not ${machines}`, {
        next: 'change the plan, or use another state folder: kfs --state DIR lab up',
      });
    }
  }
  const settings: Partial<LabSettings> = { ...rest, mirror: where.mirror };
  if (image) settings.image = await imageFolder(image, report);
  const status = await lab.up({ plan: await readPlan(where.plan), settings, report });
  if (power) await powerOnReady(lab, status, report);
  printStatus(await lab.status(), where.json);
}

async function imageFolder(image: string, report: Report): Promise<string | undefined> {
  if (image === 'none') return undefined;
  return image === 'test' ? ensureTestImage(report) : image;
}

/** Switches on what has something to boot without an installation, and waits until all of them answer. */
async function powerOnReady(lab: Lab, status: LabStatus, report: Report): Promise<void> {
  const { settings } = await lab.spec();
  if (!settings.image || !(await readBootFile(settings.image)).clone) return;
  const total = status.machines.length;
  let done = 0;
  report({ phase: 'machines', done, total, text: 'switching on' });
  await Promise.all(
    status.machines.map(async ({ name }) => {
      await lab.power(name, 'on');
      await lab.waitForSsh(name, 300_000);
      done += 1;
      report({ phase: 'machines', done, total, text: `${name} answers` });
    }),
  );
}

function registerMachines(lab: Command, around: Around): void {
  lab
    .command('power <name> <action>')
    .description("press a machine's button: on, off (in order), cut (pull the plug), reset")
    .action(async (name: string, action: string, _options, command: Command) => {
      if (!(ACTIONS as readonly string[]).includes(action)) {
        throw new KfsError('usage', `there is no action ${action}`, {
          next: `actions are ${ACTIONS.join(', ')}`,
        });
      }
      await new Lab(around(command).dir).power(name, action as Action);
    });
  lab
    .command('stick <name> [image]')
    .description('plug a USB stick in, an image file, or pull it out: seen at the next power-on')
    .action(async (name: string, image: string | undefined, _options, command: Command) => {
      await new Lab(around(command).dir).stick(name, image);
    });
  lab
    .command('console <name>')
    .description('join the serial console; leave with ctrl-]')
    .action(async (name: string, _options, command: Command) => {
      const socket = await new Lab(around(command).dir).consoleOf(name);
      process.stderr.write(`console of ${name}; leave with ctrl-]\r\n`);
      const how = await attach(socket, process.stdin, process.stdout);
      process.stderr.write(`\r\n${how === 'left' ? 'left' : 'ended'} the console of ${name}\n`);
    });
  lab
    .command('ssh <name> [command...]')
    .description('log in to a machine, or run a command there')
    .usage('<name> [-- command...]')
    .action(async (name: string, words: string[], _options, command: Command) => {
      const where = around(command);
      await handTerminal(await sshArgv(new Lab(where.dir), where, name, words));
    });
  lab
    .command('exec <command...>')
    .description('run a command of this workstation on the network of the lab')
    .usage('-- command...')
    .action(async (words: string[], _options, command: Command) => {
      await handTerminal(insideLabArgv(await new Lab(around(command).dir).insidePid(), words));
    });
  lab
    .command('wipe <name>')
    .description('empty the disks of a machine that is off, as from the factory')
    .action(async (name: string, _options, command: Command) => new Lab(around(command).dir).wipe(name));
}

function registerSaves(lab: Command, around: Around): void {
  lab
    .command('save <name>')
    .description(
      'keep the disks of all machines, which must be off, under a name, with journal, keys and plan of the state folder',
    )
    .option('--with <path...>', 'folders and files to keep together with the disks, instead of these')
    .action(async (name: string, flags: { with?: string[] }, command: Command) => {
      const { dir, state, json } = around(command);
      await held(state, () =>
        new Lab(dir).save(name, flags.with ?? state.present(), !flags.with, reporter(json)),
      );
    });
  lab
    .command('restore <name>')
    .description('put the disks of all machines back as they were saved, and what was saved with them')
    .option('--with <path...>', 'put that elsewhere, in the order of saving')
    .action(async (name: string, flags: { with?: string[] }, command: Command) => {
      const { dir, state, json } = around(command);
      await held(state, () => new Lab(dir).restore(name, flags.with, state.present(), reporter(json)));
    });
  lab
    .command('saves')
    .description('names of what is saved')
    .action(async (_options, command: Command) => {
      const { dir, json } = around(command);
      const names = await listSaves(new Lab(dir).paths);
      process.stdout.write(json ? `${JSON.stringify(names)}\n` : names.map(name => `${name}\n`).join(''));
    });
}

/** Nobody writes a journal while it is copied or replaced. */
async function held(state: Surroundings['state'], work: () => Promise<void>): Promise<void> {
  const owner = state.hold();
  try {
    await work();
  } finally {
    owner.release();
  }
}

/** The test image brings its own key and host key; an installed machine has those of the plan. */
async function sshArgv(lab: Lab, where: Surroundings, name: string, words: string[]): Promise<string[]> {
  const { settings } = await lab.spec();
  const login = settings.image ? (await readBootFile(settings.image)).ssh : undefined;
  const program = findProgram('ssh') ?? 'ssh';
  if (!login && existsSync(where.sshConfig)) return [program, '-F', where.sshConfig, name, ...words];
  const ssh = [program, '-F', lab.paths.sshConfig];
  if (!login)
    return [...ssh, '-o', `UserKnownHostsFile=${where.knownHosts}`, '-i', where.key, name, ...words];
  const pinned = join(lab.paths.run, 'known_hosts');
  const names = (await lab.spec()).plan.machines.map(machine => machine.name);
  await writeFile(pinned, names.map(host => `${host} ${login.knownHosts}\n`).join(''));
  const options = [
    '-o',
    `UserKnownHostsFile=${pinned}`,
    '-i',
    join(settings.image!, 'key'),
    '-l',
    login.user,
  ];
  return [...ssh, ...options, '-o', 'IdentitiesOnly=yes', '-o', 'LogLevel=ERROR', name, ...words];
}

function number(from: number, to: number): (text: string) => number {
  return text => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= from && value <= to) return value;
    throw new InvalidArgumentError(`a whole number from ${from} to ${to} is wanted`);
  };
}
