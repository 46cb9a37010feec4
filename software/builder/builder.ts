/**
 * The builder: a Debian chroot, the same on every workstation, in which kernel, software and images are made.
 * Made once by mmdebstrap, as root or in a user namespace, and kept in the user's cache.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KfsError } from '../../runner/errors.ts';
import { ensurePackages } from '../../runner/host-packages.ts';
import { aptMeter } from './apt.ts';
import { cached, cacheFolder, digestOf, type Report } from './cache.ts';
import { discard } from './discard.ts';
import { insideArgv, insideEnv, type RunOptions, USER_NAMESPACES, unshareArgv } from './inside.ts';
import { type DebianMirror, debianMirror } from './mirror.ts';
import { namespacesDenied } from './namespaces.ts';
import { ALL_PACKAGES, BACKPORTS, FROM_BACKPORTS, RELEASE } from './packages.ts';
import { type Finished, run } from './process.ts';

export type { RunOptions } from './inside.ts';

export interface Builder {
  /** The chroot. */
  root: string;
  /** Changes when what is in it changes: use it in the digests of what is built. */
  id: string;
  /** Installed packages, `name version` a line. */
  packages(): Promise<string>;
  version(packageName: string): Promise<string>;
  /** The argument list that runs `command` inside, for those who start it themselves (an emulator). */
  argv(command: string[], options?: RunOptions): string[];
  /** Runs a command inside; the promise rejects with a `KfsError` when it fails. */
  run(command: string[], options?: RunOptions & Watch): Promise<Finished>;
}

export interface Watch {
  /** Called with each line of output, both streams. */
  onLine?: (line: string) => void;
  signal?: AbortSignal;
  /** What to call it when it fails. */
  what?: string;
}

const GIB = 2 ** 30;
/** About how many packages the builder has: for the percentage only. */
const EXPECTED_PACKAGES = 250;
// biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg's own placeholders
const DPKG_FORMAT = '${Package} ${Version}\\n';
const asRoot = (): boolean => process.getuid?.() === 0;

/** Returns the builder, making it first (under a minute, a few hundred MB to fetch) when it is not in the cache. */
export async function ensureBuilder(report: Report = () => {}, signal?: AbortSignal): Promise<Builder> {
  const id = digestOf(
    '1',
    RELEASE,
    ...ALL_PACKAGES,
    ...FROM_BACKPORTS,
    asRoot() ? 'root' : 'user, nothing setuid',
  );
  const folder = cacheFolder('builder', id);
  await cached({
    path: folder,
    what: 'the builder',
    space: 3 * GIB,
    report,
    signal,
    make: draft => make(draft, report, signal),
    discard,
  });
  return opened(folder, id);
}

function opened(folder: string, id: string): Builder {
  const root = join(folder, 'root');
  const packages = () => readFile(join(folder, 'packages.txt'), 'utf8');
  const argv = (command: string[], options: RunOptions = {}) => insideArgv(root, command, options, asRoot());
  return {
    root,
    id,
    packages,
    version: async name => (await packages()).match(new RegExp(`^${name}(?::\\w+)? (.*)$`, 'm'))?.[1] ?? '',
    argv,
    run: (command, options = {}) =>
      run(argv(command, options), { env: insideEnv(process.env, options.env), ...watchOf(options) }),
  };
}

const watchOf = ({ onLine, signal, what }: Watch): Watch => ({ onLine, signal, what });

async function make(draft: string, report: Report, signal?: AbortSignal): Promise<void> {
  await ensurePackages(
    [
      {
        package: 'mmdebstrap',
        why: 'makes the Debian chroot that everything is built in',
        probe: 'mmdebstrap',
      },
      ...(asRoot()
        ? []
        : [{ package: 'uidmap', why: 'gives the chroot users of its own', probe: 'newuidmap' }]),
    ],
    text => report({ phase: 'packages', done: 0, total: 1, text }),
  );
  const denied = asRoot() ? undefined : namespacesDenied(USER_NAMESPACES);
  if (denied) {
    const message = `the builder needs user namespaces: ${denied.why}`;
    throw new KfsError('host-unsupported', message, { next: `${denied.next}; or work as root` });
  }
  const mirror = await debianMirror();
  await mkdir(draft, { recursive: true });
  const meter = aptMeter(EXPECTED_PACKAGES, (share, text) =>
    report({ phase: 'builder', done: share * 100, total: 100, text }),
  );
  await run(mmdebstrapArgv(join(draft, 'root'), mirror, asRoot()), {
    onLine: meter,
    signal,
    what: 'making the builder',
  });
  // An ordinary user's PATH may lack /usr/sbin, where chroot is.
  const list = ['chroot', join(draft, 'root'), 'dpkg-query', '-W', '-f', DPKG_FORMAT];
  const listed = await run([...unshareArgv(asRoot()), ...list], { env: insideEnv(process.env) });
  await writeFile(join(draft, 'packages.txt'), listed.output);
  report({ phase: 'builder', done: 100, total: 100, text: 'the builder is ready' });
}

/** Pure: the command that makes the chroot. */
export function mmdebstrapArgv(root: string, mirror: DebianMirror, root0: boolean): string[] {
  const suites = [RELEASE, `${RELEASE}-updates`, BACKPORTS].map(
    suite => `deb ${mirror.archive} ${suite} main`,
  );
  if (mirror.security) suites.push(`deb ${mirror.security} ${RELEASE}-security main`);
  const pin = `Package: ${FROM_BACKPORTS.map(name => `src:${name}`).join(' ')}\\nPin: release n=${BACKPORTS}\\nPin-Priority: 600\\n`;
  return [
    ...[
      'mmdebstrap',
      `--mode=${root0 ? 'root' : 'unshare'}`,
      '--variant=minbase',
      '--format=directory',
      '--verbose',
    ],
    ...['APT::Install-Recommends "false"', ...mirror.options].map(option => `--aptopt=${option}`),
    `--setup-hook=mkdir -p "$1/etc/apt/preferences.d"; printf '${pin}' > "$1/etc/apt/preferences.d/backports"`,
    '--customize-hook=: > "$1/etc/resolv.conf"',
    // Who made the builder as an ordinary user is its root, and not the one that these programs would change to.
    '--customize-hook=find "$1" -xdev -perm /6000 -exec chmod a-s {} +',
    `--include=${ALL_PACKAGES.join(',')}`,
    ...[RELEASE, root, ...suites],
  ];
}
