/** `kfs image build|status|config|usb|verify`. Wired by runner/cli/image.ts. */
import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { KfsError } from '../../runner/errors.ts';
import type { Report } from '../builder/cache.ts';
import { interruptible } from '../terminal.ts';
import { ensureImage, imageFolder, madeImage } from './build.ts';
import { remarksOn, writeConfig } from './config.ts';
import { imageDigest } from './digests.ts';
import { placeImage } from './place.ts';
import { makeStick, type StickMachine, verifyStick } from './stick.ts';

export interface ImageContext {
  json: boolean;
  report: Report;
  /** The mirror's folder in the state directory. */
  mirror: string;
  /** The machines of the plan, without their configs. Throws when there is no plan. */
  machines(): Omit<StickMachine, 'config'>[];
}
type Context = (command: Command) => ImageContext;

export function register(program: Command, context: Context): void {
  const image = program.command('image').description('the operating-system image of the machines');
  image
    .command('build')
    .description('make it, unless it is made already, and put it into the mirror')
    .option('--fresh', 'ask Debian anew: packages of today instead of those in the cache')
    .action(async ({ fresh }: { fresh?: boolean }, command: Command) => {
      const { report, json, mirror } = context(command);
      const signal = interruptible();
      const folder = await ensureImage({ report, signal, fresh });
      await placeImage(folder, mirror, { report, signal });
      print(await describe(folder), json);
    });
  image
    .command('status')
    .description('where it is, its size and its digest')
    .option('--check', 'exit code 1 when it is not made')
    .action(async ({ check }: { check?: boolean }, command: Command) => {
      if (existsSync(imageFolder())) return print(await describe(imageFolder()), context(command).json);
      process.stdout.write('not made yet: kfs image build\n');
      if (check) process.exitCode = 1;
    });
  registerConfig(image);
  registerStick(image, context);
}

function registerConfig(image: Command): void {
  image
    .command('config <yaml> <ign>')
    .description('turn a config written as YAML into the JSON that Ignition reads')
    .action((yaml: string, ign: string) => writeConfig(yaml, ign));
  image
    .command('validate <ign>')
    .description("ask Ignition's own validator; any remark is a failure")
    .action(async (ign: string) => {
      const remarks = await remarksOn(ign, await madeImage());
      if (!remarks) return;
      throw new KfsError('image-failed', `${ign}: ${remarks}`, {
        next: 'a word that Ignition does not know does nothing: mend the YAML it was made from',
      });
    });
}

function registerStick(image: Command, context: Context): void {
  const withConfigs = (machines: Omit<StickMachine, 'config'>[], configs: string) =>
    machines.map(machine => ({ ...machine, config: join(configs, `${machine.name}.ign`) }));
  image
    .command('usb')
    .description('make the stick that installs the image on the machines of the plan, as a file')
    .requiredOption('--configs <dir>', 'folder of <machine>.ign')
    .requiredOption('--out <file>', 'the file to make')
    .action(async (flags: { configs: string; out: string }, command: Command) => {
      const { machines, report } = context(command);
      const all = withConfigs(machines(), flags.configs);
      const image = await madeImage();
      await makeStick({ image, machines: all, out: flags.out, report, signal: interruptible() });
    });
  image
    .command('verify <stick>')
    .description('prove that a stick holds this image and the configs of all machines of the plan')
    .requiredOption('--configs <dir>', 'folder of <machine>.ign')
    .action(async (stick: string, flags: { configs: string }, command: Command) => {
      const all = withConfigs(context(command).machines(), flags.configs);
      const wrong = await verifyStick(stick, await madeImage(), all);
      if (wrong.length === 0) return void process.stdout.write(`${stick} is right\n`);
      throw new KfsError('image-failed', `${stick}: ${wrong.join('; ')}`, {
        next: 'kfs image usb makes it anew',
      });
    });
}

interface Described {
  folder: string;
  digest: string;
  /** Bytes. */
  size: number;
  compressed: number;
  packages: number;
}

async function describe(folder: string): Promise<Described> {
  const text = (name: string) => readFile(join(folder, name), 'utf8');
  return {
    folder,
    digest: await imageDigest(folder),
    size: Number(await text('os.raw.size')),
    compressed: (await stat(join(folder, 'os.raw.zst'))).size,
    packages: (await text('packages.txt')).trim().split('\n').length,
  };
}

function print(image: Described, json: boolean): void {
  if (json) return void process.stdout.write(`${JSON.stringify(image)}\n`);
  const mib = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`;
  const lines = [
    `folder    ${image.folder}`,
    `sha256    ${image.digest}`,
    `size      ${mib(image.compressed)} compressed, ${mib(image.size)} on the disk`,
    `packages  ${image.packages}, listed in packages.txt`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}
