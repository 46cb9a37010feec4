/** The states' shapes: each differs in form, not in colour alone. Drawn in a box of 16, stroked in the text's colour. */
import type { CellStatus } from '../../runner/protocol/messages.ts';

const PATHS = {
  todo: 'M8 2.5a5.5 5.5 0 1 1 0 11a5.5 5.5 0 0 1 0-11',
  running: 'M8 2.5a5.5 5.5 0 0 1 5.5 5.5',
  done: 'M3 8.5l3.2 3.2L13 4.8',
  failed: 'M4 4l8 8M12 4l-8 8',
  stale: 'M8 4.2V8l2.6 1.8M8 2.5a5.5 5.5 0 1 1-5.2 3.7M2.2 3v3.4h3.4',
  drifted: 'M2.5 10c1.4-3 3-3 5.5-1.5S12 10 13.5 6M2.5 13.2h11',
  lost: 'M5.5 5.5a2.5 2.5 0 1 1 3.4 2.4c-.6.3-.9.7-.9 1.6M8 12.6v.4',
  interrupted: 'M8.8 2.5L4.5 9h3.2l-.6 4.5L11.5 7H8.3z',
  hands:
    'M5 8V4.2a1 1 0 0 1 2 0V7.5V3.2a1 1 0 0 1 2 0V7.5V4.2a1 1 0 0 1 2 0V9c0 3-1.4 4.5-3.5 4.5S4.8 12.4 3.6 9.8L3 8.4a.9.9 0 0 1 1.6-.7z',
  play: 'M5 3.2v9.6L12.6 8z',
  stop: 'M4.2 4.2h7.6v7.6H4.2z',
  terminal: 'M2.5 3.5h11v9h-11zM4.8 6.2L6.8 8l-2 1.8M8 10h3',
  close: 'M4 4l8 8M12 4l-8 8',
} as const;
export type IconName = keyof typeof PATHS;

const SVG = 'http://www.w3.org/2000/svg';

/** Decorative: its meaning is always in the text beside it. */
export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('class', 'kfs-icon');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', PATHS[name]);
  svg.append(path);
  return svg;
}

/** A state in one or two words. */
export const STATUS_WORDS: Record<CellStatus, string> = {
  todo: 'not run',
  running: 'running',
  done: 'proven',
  failed: 'failed',
  stale: 'stale',
  drifted: 'drifted',
  lost: 'connection lost',
  interrupted: 'interrupted',
  hands: 'waiting for you',
};
