/** Looking at, and ending, processes of this host by their ids. */
import { readdirSync, readFileSync } from 'node:fs';

/** Processes of that name below `root`. */
export function descendants(root: number, name: string): number[] {
  const processes = readdirSync('/proc')
    .filter(entry => /^\d+$/.test(entry))
    .map(Number)
    .flatMap(pid => stat(pid) ?? []);
  const below = new Set([root]);
  for (let before = 0; before !== below.size; ) {
    before = below.size;
    for (const each of processes) if (below.has(each.parent)) below.add(each.pid);
  }
  return processes
    .filter(each => each.pid !== root && below.has(each.pid) && each.name.startsWith(name))
    .map(each => each.pid);
}

function stat(pid: number): { pid: number; parent: number; name: string } | undefined {
  try {
    const match = /^\d+ \((.*)\) \S (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    return match ? { pid, name: match[1] ?? '', parent: Number(match[2]) } : undefined;
  } catch {
    return undefined; // it has just ended
  }
}

/** SIGKILL; returns how many there were. */
export function cut(pids: number[]): number {
  for (const pid of pids) signal(pid, 'SIGKILL');
  return pids.length;
}

export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // it has just ended
  }
}
