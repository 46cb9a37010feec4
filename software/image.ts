/**
 * Container images from static files with crane: no daemon, the same digest each time. crane edits images in a
 * registry, so the registry that we build ourselves runs on the loopback while an image is made.
 */
import { spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { KfsError } from '../runner/errors.ts';
import { run } from './builder/process.ts';
import type { Image } from './image-list.ts';
import { filesBelow } from './place.ts';

export interface ImageTools {
  /** Paths of the programs. */
  crane: string;
  registry: string;
  signal?: AbortSignal;
}

/** A registry on the loopback, for as long as `use` runs. */
export async function withRegistry<T>(tools: ImageTools, use: (address: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'kfs-registry-'));
  const address = `127.0.0.1:${await freePort()}`;
  const config = join(folder, 'config.yml');
  const storage = join(folder, 'storage');
  await writeFile(
    config,
    `version: 0.1\nlog: { level: error }\nstorage: { filesystem: { rootdirectory: ${storage} } }\nhttp: { addr: "${address}" }\n`,
  );
  const child = spawn(tools.registry, ['serve', config], { stdio: 'ignore', env: {} });
  try {
    await answering(address, child);
    return await use(address);
  } finally {
    child.kill('SIGTERM');
    await rm(folder, { recursive: true, force: true });
  }
}

/** Makes one image of `sources` (path in the image → file) and writes it as an OCI layout to `layout`. */
export async function makeImage(
  image: Image,
  sources: Record<string, string>,
  address: string,
  layout: string,
  tools: ImageTools,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'kfs-image-'));
  const reference = `${address}/${image.name}:${image.version}`;
  try {
    const layer = await makeLayer(folder, sources, image.names, tools.signal);
    const crane = (...args: string[]) =>
      run([tools.crane, ...args], { what: `making image ${image.name}`, signal: tools.signal });
    await crane(
      'append',
      '--oci-empty-base',
      '--platform=linux/amd64',
      '--new_layer',
      layer,
      '--new_tag',
      reference,
    );
    const settings = [
      `--entrypoint=${image.entrypoint.join(',')}`,
      ...(image.command ? [`--cmd=${image.command.join(',')}`] : []),
      `--user=${image.user}`,
      '--set-platform=linux/amd64',
    ];
    await crane('mutate', reference, ...settings, '--tag', reference);
    await mkdir(dirname(layout), { recursive: true });
    await crane('pull', '--format=oci', '--platform=linux/amd64', reference, layout);
    await nameInLayout(layout, image.version);
    for (const file of await filesBelow(layout)) await chmod(join(layout, file), 0o644);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Gives the one image of a layout its tag, so that those who import the layout need not ask which it is. */
async function nameInLayout(layout: string, tag: string): Promise<void> {
  const file = join(layout, 'index.json');
  const index = JSON.parse(await readFile(file, 'utf8')) as { manifests: Record<string, unknown>[] };
  for (const manifest of index.manifests) manifest.annotations = { 'org.opencontainers.image.ref.name': tag };
  await writeFile(file, `${JSON.stringify(index)}\n`);
}

/** A tar with nothing of this host in it: sorted, owned by root, dated 1970. */
async function makeLayer(
  folder: string,
  sources: Record<string, string>,
  names: Image['names'],
  signal?: AbortSignal,
): Promise<string> {
  const root = join(folder, 'root');
  for (const [path, source] of Object.entries(sources)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await run(['install', '-m', '0755', source, join(root, path)], { signal });
  }
  for (const [path, others] of Object.entries(names))
    for (const other of others) await symlink(basename(path), join(root, dirname(path), other));
  const layer = join(folder, 'layer.tar');
  const plain = [
    '--sort=name',
    '--mtime=@0',
    '--owner=0',
    '--group=0',
    '--numeric-owner',
    '--format=gnu',
    '--mode=u=rwX,go=rX',
  ];
  await run(['tar', '--create', `--file=${layer}`, `--directory=${root}`, ...plain, '.'], { signal });
  return layer;
}

async function answering(address: string, child: ReturnType<typeof spawn>): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if (child.exitCode !== null) break;
    const answer = await fetch(`http://${address}/v2/`).catch(() => null);
    if (answer?.ok) return;
    await sleep(100);
  }
  throw new KfsError('software-invalid', 'the registry that images are made in does not start', {
    next: 'kfs software verify registry',
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
