/** Where a run is disturbed: drawn from a seed, so that what was seen once can be seen again. */

/** What is taken away in the middle: the runner, the ssh connection, the machine's power. */
export const WAYS = ['runner', 'link', 'power'] as const;
export type Way = (typeof WAYS)[number];

export interface Disturbance {
  chapter: string;
  way: Way;
  /** When, as a part of the chapter's steps: 0.5 is after half of them. What is left over is a part of a step. */
  at: number;
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Each way in turn; chapters and moments by chance; in the order of the book. */
export function chooseDisturbances(count: number, chapters: string[], random: () => number): Disturbance[] {
  const chosen = Array.from({ length: count }, (_, index) => ({
    chapter: chapters[Math.floor(random() * chapters.length)]!,
    way: WAYS[index % WAYS.length]!,
    at: random(),
  }));
  return chosen.sort((a, b) => chapters.indexOf(a.chapter) - chapters.indexOf(b.chapter) || a.at - b.at);
}
