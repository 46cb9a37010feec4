/** `kfs install arm|disarm|status|serve|boot`. Wired by runner/cli/install.ts. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { KfsError } from '../../../runner/errors.ts';
import { handTerminal } from '../../terminal.ts';
import { madeImage } from '../build.ts';
import { IMAGE_PATH } from '../place.ts';
import { Armings, type InstallMachine } from './arming.ts';
import { makeBootFiles } from './boot-files.ts';
import { type Asked, Requests } from './requests.ts';
import { serveInstall } from './server.ts';

export interface InstallContext {
  json: boolean;
  /** Folder of the machines' configs, `<machine>.ign`; ours are made beside them. */
  configs: string;
  mirror: { folder: string; url: string };
  tls: { certificate: string; key: string; ca: string };
  /** The workstation's address in the machines' network. */
  workstation: string;
  machines: InstallMachine[];
  /** The command to be run instead of this one where the machines' network is not this computer's: in a lab. */
  elsewhere(): Promise<string[] | undefined>;
}
type Context = (command: Command) => InstallContext;

const DEFAULT_PORT = '8443';

export function register(program: Command, context: Context): void {
  const install = program
    .command('install')
    .description('install machines over the network, each when it is armed, and once');
  registerArming(install, context);
  registerStatus(install, context);
  registerServing(install, context);
}

const folderOf = ({ configs }: InstallContext): string => join(configs, 'install');
const armings = (where: InstallContext): Armings => new Armings(folderOf(where));

function machineOf({ machines }: InstallContext, name: string): InstallMachine {
  const machine = machines.find(candidate => candidate.name === name);
  if (machine) return machine;
  throw new KfsError('usage', `the plan has no machine ${name}`, {
    next: `its machines are ${machines.map(each => each.name).join(', ')}`,
  });
}

function registerArming(install: Command, context: Context): void {
  install
    .command('arm <machine>')
    .description('let a machine ask for its config once; what is on its system disk will be erased')
    .option('--minutes <n>', 'for how long', minutes, 60)
    .action(async (name: string, flags: { minutes: number }, command: Command) => {
      const where = context(command);
      const machine = machineOf(where, name);
      assertReady(where, machine);
      const arming = await armings(where).arm(machine, new Date(Date.now() + flags.minutes * 60_000));
      const told = `${name} is armed for ${flags.minutes} minutes: started over the network, it is installed and everything on ${machine.disk} is gone`;
      print(where.json, arming, [told]);
    });
  install
    .command('disarm <machine>')
    .description('do not let it any more')
    .action(async (name: string, _flags: object, command: Command) => {
      const where = context(command);
      await armings(where).disarm(machineOf(where, name));
    });
}

const minutes = (text: string): number => {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 1440) return value;
  throw new InvalidArgumentError('a whole number from 1 to 1440, which is a day, is wanted');
};

/** Said here, and not to a machine that stands in the cellar. */
function assertReady({ configs, mirror }: InstallContext, { name }: InstallMachine): void {
  if (!existsSync(join(mirror.folder, IMAGE_PATH, 'os.raw.zst'))) {
    throw new KfsError('image-failed', 'the mirror has no image of the operating system', {
      next: 'kfs image build',
    });
  }
  if (!existsSync(join(configs, `${name}.ign`))) {
    throw new KfsError('image-failed', `${name} has no config in ${configs}`, {
      next: 'kfs run os-config makes it',
    });
  }
}

function registerStatus(install: Command, context: Context): void {
  install
    .command('status')
    .description('which machine is armed, which has its config, who has asked')
    .action(async (_flags: object, command: Command) => {
      const where = context(command);
      const all = armings(where);
      const machines = await Promise.all(
        where.machines.map(async machine => ({ ...machine, ...(await all.of(machine)) })),
      );
      const requests = await new Requests(folderOf(where)).all();
      const lines = machines.map(({ name, mac, armed, handed }) => {
        const state = armed ? `armed until ${armed.until}` : handed ? 'was given its config' : 'not armed';
        return `${name}  ${mac}  ${state}`;
      });
      print(where.json, { machines, requests }, [...lines, ...requests.map(told)]);
    });
}

const told = ({ at, from, macs, machine, outcome }: Asked): string => {
  const who = `${machine ?? macs.join(' ')} at ${from}`;
  return outcome === 'handed out'
    ? `${at}  handed out to ${who}`
    : `${at}  REFUSED ${who.trimStart()}: ${outcome}`;
};

interface ServeFlags {
  address?: string;
  port: string;
  here?: boolean;
}

function registerServing(install: Command, context: Context): void {
  install
    .command('serve')
    .description('hand out the configs of armed machines, over TLS, until Ctrl-C')
    .option('--address <address>', "where to listen (default: the plan's workstation)")
    .option('--port <port>', 'port', DEFAULT_PORT)
    .option('--here', "on this computer's own network, even if the machines are a lab's")
    .action(async (flags: ServeFlags, command: Command) => {
      const where = context(command);
      const other = flags.here ? undefined : await where.elsewhere();
      if (!other) return serve(where, flags);
      await handTerminal([...other, '--here', '--port', flags.port]);
    });
  install
    .command('boot')
    .description('make what a machine starts from over the network: kernel, initial RAM disk, arguments')
    .requiredOption('--out <dir>', 'the folder to make; nothing in it is secret')
    .option('--port <port>', 'of kfs install serve', DEFAULT_PORT)
    .action(async (flags: { out: string; port: string }, command: Command) => {
      const { workstation, tls } = context(command);
      const url = `https://${workstation}:${flags.port}`;
      await makeBootFiles({ image: await madeImage(), ca: tls.ca, url, out: flags.out });
    });
}

async function serve(where: InstallContext, flags: ServeFlags): Promise<void> {
  const { configs, mirror, tls } = where;
  const server = await serveInstall({
    folder: folderOf(where),
    configs,
    mirror,
    tls,
    address: flags.address ?? where.workstation,
    port: Number(flags.port),
    onRequest: asked => void process.stdout.write(`${told(asked)}\n`),
  });
  process.stdout.write(`armed machines are installed from ${server.url}\n`);
  await new Promise(resolve => process.once('SIGINT', resolve).once('SIGTERM', resolve));
  await server.close();
}

function print(json: boolean, value: unknown, lines: string[]): void {
  process.stdout.write(json ? `${JSON.stringify(value)}\n` : lines.map(line => `${line}\n`).join(''));
}
