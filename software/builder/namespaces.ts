/** Whether a user may make namespaces on this host. Tried for real: the rules differ too much to be read off settings. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';

export interface Denied {
  why: string;
  next: string;
}

/** `flags` are those of unshare(1). undefined when they may be made. */
export function namespacesDenied(flags: string[]): Denied | undefined {
  const tried = spawnSync('unshare', [...flags, '--fork', 'true'], { encoding: 'utf8' });
  if (tried.status === 0) return undefined;
  const said = (tried.stderr || String(tried.error)).trim();
  const remedy = /sub[ug]id/.test(said) ? moreUsers() : remedyOf();
  return { why: `a user may not make namespaces here: ${remedy.why ?? said}`, next: remedy.next };
}

interface Remedy {
  /** Instead of what unshare said, where that would lead astray. */
  why?: string;
  next: string;
}

function remedyOf(): Remedy {
  const value = (name: string) => {
    const file = `/proc/sys/${name.replaceAll('.', '/')}`;
    return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
  };
  const apparmor = 'kernel.apparmor_restrict_unprivileged_userns';
  if (value(apparmor) === '1') return { next: `sudo sysctl ${apparmor}=0` };
  if (value('kernel.unprivileged_userns_clone') === '0')
    return { next: 'sudo sysctl kernel.unprivileged_userns_clone=1' };
  const most = 'user.max_user_namespaces';
  // The kernel calls it "No space left on device", and the reader would look at his disk.
  if (value(most) === '0') return { why: `${most} is 0`, next: `sudo sysctl ${most}=10000` };
  return { next: 'in a container, start it with the right to make namespaces (for example --privileged)' };
}

const moreUsers = (): Remedy => ({
  why: `${userInfo().username} has no users of its own in /etc/subuid and /etc/subgid`,
  next: `sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 ${userInfo().username}`,
});
