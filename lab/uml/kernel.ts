/**
 * The kernel of the lab's machines: Debian's source, our short configuration and patches, built once in the
 * builder and kept. An interrupted build goes on where it was.
 */
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { KfsError } from '../../runner/errors.ts';
import { type Builder, ensureBuilder } from '../../software/builder/builder.ts';
import { cached, cacheFolder, digestOf, type Report } from '../../software/builder/cache.ts';
import type { UmlKernel } from '../machine/uml.ts';

const SOURCE = 'linux-source-7.2';
const RECIPE = '1';
/** Lines that a whole build prints, about: for the percentage only. */
const EXPECTED_LINES = 2200;
/** Unpacked source and objects. */
const SPACE = 4 * 2 ** 30;

export async function ensureKernel(report: Report = () => {}, signal?: AbortSignal): Promise<UmlKernel> {
  const builder = await ensureBuilder(report, signal);
  const parts = await inputs();
  const version = await builder.version(SOURCE);
  const id = digestOf(RECIPE, SOURCE, version, ...parts.flatMap(part => [part.name, part.text]));
  const folder = await cached({
    path: cacheFolder('uml', id),
    what: "the lab's kernel",
    space: SPACE,
    report,
    signal,
    make: draft => build(builder, parts, id, draft, report, signal),
  });
  const release = (await readFile(join(folder, 'release'), 'utf8')).trim();
  return { linux: join(folder, 'linux'), release, modules: join(folder, 'modules') };
}

interface Input {
  name: string;
  text: string;
}

/** The configuration and the patches beside this file. */
async function inputs(): Promise<Input[]> {
  const names = (await readdir(import.meta.dirname)).filter(name => /\.(config|patch)$/.test(name)).sort();
  return Promise.all(
    names.map(async name => ({ name, text: await readFile(join(import.meta.dirname, name), 'utf8') })),
  );
}

async function build(
  builder: Builder,
  parts: Input[],
  id: string,
  draft: string,
  report: Report,
  signal?: AbortSignal,
): Promise<void> {
  const work = cacheFolder('uml', `work-${id}`);
  const inside = (script: string, onLine?: (line: string) => void) =>
    builder.run(['bash', '-euo', 'pipefail', '-c', script], {
      ...{ binds: [{ from: work, to: '/work' }], cwd: '/work', what: "building the lab's kernel" },
      ...(onLine ? { onLine } : {}),
      ...(signal ? { signal } : {}),
    });
  await mkdir(work, { recursive: true });
  for (const part of parts) await writeFile(join(work, part.name), part.text);
  if (!existsSync(join(work, 'unpacked'))) {
    report({ phase: 'kernel', done: 0, total: EXPECTED_LINES, text: 'unpacking the kernel source' });
    await inside(UNPACK);
  }
  await inside(CONFIGURE);
  checkConfig(
    await readFile(join(work, 'linux', '.config'), 'utf8'),
    parts.find(p => p.name.endsWith('.config'))!,
  );
  await compile(inside, report);
  await mkdir(join(draft, 'modules'), { recursive: true });
  await inside(COLLECT);
  for (const name of ['linux', 'release', 'config'])
    await copyFile(join(work, 'out', name), join(draft, name));
  for (const name of await readdir(join(work, 'out', 'modules'))) {
    await copyFile(join(work, 'out', 'modules', name), join(draft, 'modules', name));
  }
  await rm(work, { recursive: true, force: true });
}

const UNPACK = `
rm -rf linux
mkdir linux
tar -xf /usr/src/${SOURCE}.tar.xz -C linux --strip-components 1
for patch in *.patch; do patch -d linux -p1 -i "/work/$patch"; done
touch unpacked`;

const CONFIGURE = `
cd linux
make -s ARCH=um x86_64_defconfig
scripts/kconfig/merge_config.sh -m .config /work/kernel.config >/dev/null
make -s ARCH=um olddefconfig`;

const COLLECT = `
rm -rf out; mkdir -p out/modules
strip -o out/linux linux/linux
cp linux/include/config/kernel.release out/release
cp linux/.config out/config
cp linux/modules.builtin linux/modules.builtin.modinfo out/modules/
: > out/modules/modules.order
depmod_root=out/depmod; release=$(cat out/release)
mkdir -p "$depmod_root/lib/modules/$release"
cp out/modules/* "$depmod_root/lib/modules/$release/"
depmod -b "$depmod_root" "$release"
cp "$depmod_root/lib/modules/$release"/modules.* out/modules/`;

/** Objects that an interrupted try has made are counted as done. */
async function compile(
  inside: (script: string, onLine?: (line: string) => void) => Promise<{ output: string }>,
  report: Report,
): Promise<void> {
  let done = Number((await inside("find linux -name '*.o' | wc -l")).output);
  const meter = (line: string) => {
    if (!/^ {2}[A-Z]/.test(line)) return;
    done = Math.min(done + 1, EXPECTED_LINES - 1);
    report({
      phase: 'kernel',
      done,
      total: EXPECTED_LINES,
      text: `compiling ${line.trim().replace(/ +/, ' ')}`,
    });
  };
  // Fixed names, so that the same inputs give the same kernel.
  const names =
    'KBUILD_BUILD_USER=kfs KBUILD_BUILD_HOST=kfs KBUILD_BUILD_TIMESTAMP=@0 KBUILD_BUILD_VERSION=1';
  await inside(`cd linux && make ARCH=um ${names} -j${availableParallelism() + 1} linux`, meter);
}

/** An option that the configuration did not take would be missed much later, by a part of the cluster. */
export function checkConfig(config: string, wanted: Input): void {
  const lines = new Set(config.split('\n'));
  const lost = wanted.text.split('\n').filter(line => /^CONFIG_/.test(line) && !lines.has(line));
  if (lost.length === 0) return;
  throw new KfsError('lab-failed', `the kernel's configuration did not take ${lost.join(', ')}`, {
    next: `correct lab/uml/${wanted.name}: the option was renamed, or needs another`,
  });
}
