/**
 * The command lines of all processes, here and on the machine, looked at again and again while the book runs. Who lives
 * for less than the pause between two looks may be missed: the lint rule is what sees every step's text.
 */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const PAUSE_MS = 50;
const RECONNECT_MS = 2000;
/**
 * Runs as root on the machine, until the connection ends; one process, and each line once. It must not slow the book:
 * who is new may become another program soon and is looked at for two seconds, who is old every two.
 */
const LOOK = `$| = 1;
for (my $pass = 0; ; $pass++) {
  my %now;
  for my $folder (glob "/proc/[0-9]*") {
    my $looks = $now{$folder} = ($before{$folder} // 0) + 1;
    next if $looks > 20 and $pass % 20;
    open my $handle, "<", "$folder/cmdline" or next;
    local $/;
    my $line = <$handle> // "";
    $line =~ tr/\\0\\n/  /;
    print "$line\\n" unless $seen{$line}++;
  }
  %before = %now;
  select undef, undef, undef, 0.1;
}
`;

export interface ArgvWatch {
  /** Ends it. What was seen, each line once. */
  end(): Promise<{ here: string; machine: string }>;
}

export function watchArguments(sshConfig: string, machine: string): ArgvWatch {
  const stopped = new AbortController();
  const here = new Set<string>();
  const there = new Set<string>();
  const work = Promise.all([
    lookHere(here, stopped.signal),
    lookThere(there, sshConfig, machine, stopped.signal),
  ]);
  return {
    async end() {
      stopped.abort();
      await work;
      return { here: [...here].join('\n'), machine: [...there].join('\n') };
    },
  };
}

async function lookHere(seen: Set<string>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    for (const pid of readdirSync('/proc').filter(name => /^\d+$/.test(name))) {
      try {
        seen.add(readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
      } catch {
        // it has ended
      }
    }
    await sleep(PAUSE_MS);
  }
}

/** The machine comes and goes; there is a way to it only once the book has made one. */
async function lookThere(
  seen: Set<string>,
  config: string,
  machine: string,
  signal: AbortSignal,
): Promise<void> {
  const options = ['-F', config, '-o', 'BatchMode=yes', '-o', 'ControlPath=none', '-T'];
  const argv = [...options, machine, 'sudo', 'nice', 'perl', '-'];
  while (!signal.aborted) {
    await new Promise<void>(resolve => {
      const child = spawn('ssh', argv, { stdio: ['pipe', 'pipe', 'ignore'] });
      const stop = () => child.kill();
      signal.addEventListener('abort', stop, { once: true });
      child.stdin.on('error', () => {});
      child.stdin.end(LOOK);
      createInterface({ input: child.stdout }).on('line', line => void seen.add(line));
      child.once('error', () => resolve());
      child.once('close', () => {
        signal.removeEventListener('abort', stop);
        resolve();
      });
    });
    await sleep(RECONNECT_MS, undefined, { signal }).catch(() => {});
  }
}
