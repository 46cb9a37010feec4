/** How the benchmarks print: one line a figure, ours beside a peer's of the same minute. */
import { loadavg } from 'node:os';

export interface Figure {
  name: string;
  value: number;
  unit: string;
  /** What the value is held against, measured in turn with it. */
  peer?: { name: string; value: number };
  /** The most that is allowed: times the peer's, beyond the peer's, or the value itself. */
  goal?: { ratio: number } | { beyondPeer: number } | { value: number };
}

export function print({ name, value, unit, peer, goal }: Figure): void {
  const parts = [`${name}: ${shown(value)} ${unit}`];
  if (peer) {
    parts.push(`${peer.name} ${shown(peer.value)} ${unit}`, `ratio ${(value / peer.value).toFixed(2)}`);
  }
  if (goal && 'ratio' in goal) parts.push(told(`ratio ≤ ${goal.ratio}`, value <= goal.ratio * peer!.value));
  else if (goal && 'beyondPeer' in goal) {
    const beyond = value - peer!.value;
    parts.push(
      `+ ${shown(beyond)} ${unit}`,
      told(`≤ + ${goal.beyondPeer} ${unit}`, beyond <= goal.beyondPeer),
    );
  } else if (goal) parts.push(told(`≤ ${goal.value} ${unit}`, value <= goal.value));
  process.stdout.write(`${parts.join('; ')}\n`);
}

const told = (goal: string, met: boolean): string => `goal ${goal}: ${met ? 'ok' : 'OVER'}`;

const shown = (value: number): string => (Math.abs(value) < 10 ? value.toFixed(2) : value.toFixed(0));

export const notRun = (name: string, why: string): void =>
  void process.stdout.write(`${name}: not run: ${why}\n`);

/** What else the computer does: absolute figures mean little without it. */
export const printLoad = (): void =>
  void process.stdout.write(
    `load average ${loadavg()
      .map(value => value.toFixed(1))
      .join(' ')}\n`,
  );

/** The value that the share `p` of the list does not exceed. */
export const percentile = (values: number[], p: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * p))] ?? Number.NaN;

export const median = (values: number[]): number => percentile(values, 0.5);

/** Milliseconds. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/**
 * Several works in turn, so that all meet the same load; the first `warm` rounds do not count. Ends after `rounds`
 * more, or after `seconds`, but with one that counts.
 */
export async function inTurn<Name extends string>(
  works: Record<Name, () => Promise<number>>,
  { rounds, seconds, warm = 1 }: { rounds: number; seconds: number; warm?: number },
): Promise<Record<Name, number[]>> {
  const names = Object.keys(works) as Name[];
  const times = Object.fromEntries(names.map(name => [name, [] as number[]])) as Record<Name, number[]>;
  const end = performance.now() + seconds * 1000;
  for (let round = 0; round < warm + rounds && (round <= warm || performance.now() < end); round++) {
    for (const name of names) {
      const took = await works[name]();
      if (round >= warm) times[name].push(took);
    }
  }
  return times;
}
