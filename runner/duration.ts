/** Durations: as the book writes them, and as people read them. */

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

/** Of a whole number and one unit, `500ms`, `30s`, `2m`, `1h`: milliseconds, or null when the text is no duration. */
export function parseDuration(text: string): number | null {
  const match = /^(\d{1,9})(ms|s|m|h)$/.exec(text);
  return match ? Number(match[1]) * UNITS[match[2] as keyof typeof UNITS] : null;
}

/** `340 ms`, `2.1 s`, `45 s`, `4 min 5 s`, `12 min`, `1 h 5 min`: the longer, the less exact. */
export function duration(milliseconds: number): string {
  if (milliseconds < 999.5) return `${Math.max(0, Math.round(milliseconds))} ms`;
  if (milliseconds < 9_950) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 600) return inTwo(seconds, 'min', 's');
  return inTwo(Math.round(seconds / 60), 'h', 'min');
}

/** In a unit and the sixtieth of it; what is nothing is left out. */
function inTwo(count: number, large: string, small: string): string {
  const parts = [
    { of: Math.floor(count / 60), unit: large },
    { of: count % 60, unit: small },
  ];
  return parts
    .filter(({ of }) => of > 0)
    .map(({ of, unit }) => `${of} ${unit}`)
    .join(' ');
}
