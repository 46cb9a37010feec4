/** How a command is run in the builder: pure functions from options to an argument list. */

export interface Bind {
  /** A file or folder of the host. */
  from: string;
  /** Where it appears inside. Default: the same path. */
  to?: string;
}

export interface RunOptions {
  /** Folders of the host that are visible (and writable) inside. */
  binds?: (Bind | string)[];
  /** Working folder inside. Default: `/tmp`, which is empty and private. */
  cwd?: string;
  env?: Record<string, string>;
}

/**
 * Mounts, then enters. The builder itself is read-only, so that no build changes what the next one sees; /tmp,
 * /run and /root are private and empty, but for what is bound below them (a cache in /root), so they come first.
 * The host's name servers and certificate store are used.
 */
const ENTER = `
set -eu
root=$1; cwd=$2; shift 2
mount --rbind "$root" "$root"; cd "$root/."; root=$PWD
for folder in tmp run root; do mount -t tmpfs tmpfs "$root/$folder"; done
while [ "$1" != -- ]; do
  if [ -d "$1" ]; then mkdir -p "$root$2"; else mkdir -p "$(dirname "$root$2")"; touch "$root$2"; fi
  mount --rbind "$1" "$root$2"; shift 2
done
shift
mount --rbind /dev "$root/dev"; mount --rbind /sys "$root/sys"; mount -t proc proc "$root/proc"
mkdir -p "$root$cwd"
for file in /etc/resolv.conf /etc/ssl/certs/ca-certificates.crt; do
  if [ -e "$file" ] && [ -e "$root$file" ]; then mount --bind "$(readlink -f "$file")" "$root$file"; fi
done
mount -o remount,bind,ro "$root" 2>/dev/null || true
exec chroot "$root" sh -c 'cd "$1"; shift; exec "$@"' sh "$cwd" "$@"
`;

/** Who is not root gets a range of users of his own. */
export const USER_NAMESPACES = ['--user', '--map-auto', '--map-root-user', '--mount', '--pid'];

/** Namespaces to enter a chroot in: root needs no user namespace. */
export function unshareArgv(asRoot: boolean): string[] {
  const namespaces = asRoot ? ['--mount', '--pid'] : USER_NAMESPACES;
  const unshare = ['unshare', ...namespaces, '--fork', '--kill-child', '--'];
  return ['setpriv', '--pdeathsig', 'KILL', '--', ...unshare]; // all of it ends with who started it
}

/** The whole command line for `command` in the chroot `root`. */
export function insideArgv(root: string, command: string[], options: RunOptions, asRoot: boolean): string[] {
  const binds = (options.binds ?? []).flatMap(bind =>
    typeof bind === 'string' ? [bind, bind] : [bind.from, bind.to ?? bind.from],
  );
  const script = ['sh', '-c', ENTER, 'kfs-builder', root, options.cwd ?? '/tmp', ...binds, '--'];
  return [...unshareArgv(asRoot), ...script, ...command];
}

const PASSED = /^((https?|no|ftp|all)_proxy|GOPROXY|GONOSUMDB|GOSUMDB|GOFLAGS|GONOSUMCHECK|GOPRIVATE)$/i;

/** A small, same-everywhere environment; proxies and the Go proxy of the host are kept. */
export function insideEnv(
  host: NodeJS.ProcessEnv,
  extra: Record<string, string> = {},
): Record<string, string> {
  const kept = Object.entries(host).filter(([name, value]) => PASSED.test(name) && value !== undefined);
  return {
    PATH: '/usr/lib/go-1.26/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: '/root',
    LANG: 'C.UTF-8',
    TZ: 'UTC',
    ...(Object.fromEntries(kept) as Record<string, string>),
    ...extra,
  };
}
