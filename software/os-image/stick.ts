/** The stick: what installs the image on the machines of the plan, as one file to write to any USB stick. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { KfsError } from '../../runner/errors.ts';
import { ensureBuilder } from '../builder/builder.ts';
import { needSpace, type Report } from '../builder/cache.ts';
import { imageDigest } from './digests.ts';

export interface StickMachine {
  name: string;
  mac: string;
  /** System disk as the machine sees it. */
  disk: string;
  /** Its Ignition config. */
  config: string;
}

export interface StickOptions {
  /** Folder of the image. */
  image: string;
  machines: StickMachine[];
  /** The file to make; whoever can read it has the machines' host keys. */
  out: string;
  report?: Report;
  signal?: AbortSignal;
}

/** Names of a machine's files on the stick: FAT knows no colons. */
const stickName = (mac: string): string => mac.toLowerCase().replaceAll(':', '-');

export async function makeStick(options: StickOptions): Promise<void> {
  const { image, machines, report, signal } = options;
  const out = resolve(options.out);
  for (const { name, config } of machines) {
    if (existsSync(config)) continue;
    throw new KfsError('image-failed', `${name} has no config in ${config}`, { next: 'kfs image config' });
  }
  const tell = (done: number, text: string) => report?.({ phase: 'stick', done, total: 100, text });
  await mkdir(dirname(out), { recursive: true, mode: 0o700 });
  await needSpace(
    dirname(out),
    2 * 2 ** 30,
    'the stick',
    'make room there, or name another place: --out FILE',
  );
  const builder = await ensureBuilder(report, signal);
  const configs = await mkdtemp(join(tmpdir(), 'kfs-stick-'));
  const draft = `${out}.making`;
  try {
    await mkdir(draft, { recursive: true, mode: 0o700 });
    for (const { mac, disk, config } of machines) {
      await writeFile(join(configs, `${stickName(mac)}.disk`), disk);
      await copyFile(config, join(configs, `${stickName(mac)}.ign`));
    }
    tell(10, `for ${machines.map(({ name }) => name).join(', ')}`);
    const binds = [
      ...[
        { from: import.meta.dirname, to: '/src' },
        { from: image, to: '/image' },
      ],
      ...[
        { from: configs, to: '/machines' },
        { from: draft, to: '/out' },
      ],
    ];
    await builder.run(['bash', '/src/stick.sh'], { binds, cwd: '/out', what: 'making the stick', signal });
    await chmod(join(draft, 'stick.img'), 0o600);
    await rename(join(draft, 'stick.img'), out);
    tell(100, out);
  } finally {
    await rm(configs, { recursive: true, force: true });
    await rm(draft, { recursive: true, force: true });
  }
}

/** What is wrong with a stick; empty when it holds the image and a config (or the mark of a done installation) for each machine. */
export async function verifyStick(stick: string, image: string, machines: StickMachine[]): Promise<string[]> {
  if (!existsSync(stick)) return ['it is not there'];
  const builder = await ensureBuilder();
  const binds = [{ from: dirname(resolve(stick)), to: '/stick' }];
  const read = async (file: string) => {
    const script = `mcopy -n -i "/stick/$1@@2M" "::/$2" - 2>/dev/null | sha256sum`;
    const command = ['sh', '-c', script, 'sh', basename(stick), file];
    return (await builder.run(command, { binds, what: `reading ${stick}` })).output.slice(0, 64);
  };
  const wrong: string[] = [];
  if ((await read('os.raw.zst')) !== (await imageDigest(image)))
    wrong.push('its image is not the one that is made');
  for (const { name, mac, config } of machines) {
    const own = createHash('sha256')
      .update(await readFile(config))
      .digest('hex');
    const done = await read(`machines/${stickName(mac)}.done`);
    if ((await read(`machines/${stickName(mac)}.ign`)) !== own && done === NOTHING)
      wrong.push(`no config of ${name}`);
  }
  return wrong;
}

const NOTHING = createHash('sha256').digest('hex');
