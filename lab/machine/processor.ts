/**
 * Which of the host's processors runs a machine. In User-mode Linux, every call of a program to its kernel is handed
 * from one process of the host to another and back. On two processors, each must wake the other from its idling: inside
 * a virtual machine, that made the lab ten times slower whenever the host's scheduler spread the two (fork and exec of
 * /bin/true: 9 to 32 ms on one, 84 to 196 ms on two). So each machine stays on one, the least taken.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';

/** The start of a command line that keeps what follows on the least taken processor of the host. */
export function onOneProcessor(kernel: string): string[] {
  const allowed = allowedIn(readFileSync('/proc/self/status', 'utf8'));
  return ['taskset', '--cpu-list', String(leastTaken(allowed, machinesOf(basename(kernel))))];
}

/** Numbers of the processors that a /proc/PID/status allows. */
export function allowedIn(status: string): number[] {
  const list = status.match(/^Cpus_allowed_list:\s*(\S+)$/m)?.[1] ?? '0';
  return list.split(',').flatMap(range => {
    const [first, last] = range.split('-').map(Number) as [number, number?];
    return Array.from({ length: (last ?? first) - first + 1 }, (_, index) => first + index);
  });
}

/** The one that occurs least in `taken`, the first of equals. */
export function leastTaken(allowed: number[], taken: number[]): number {
  const times = (processor: number) => taken.filter(other => other === processor).length;
  return allowed.reduce((best, other) => (times(other) < times(best) ? other : best));
}

/** Processors of the machines that run, of all labs of this host; `program` is the name of their kernel. */
export function machinesOf(program: string): number[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(pid => {
      try {
        const status = readFileSync(`/proc/${pid}/status`, 'utf8');
        const allowed = allowedIn(status);
        return status.startsWith(`Name:\t${program}\n`) && allowed.length === 1 ? allowed : [];
      } catch {
        return []; // it has ended
      }
    });
}
