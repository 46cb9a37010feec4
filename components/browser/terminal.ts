/**
 * xterm, loaded when the first output is looked at. Everything a step prints ends here and nowhere else: escape
 * sequences are the terminal's business, HTML in them is text.
 */
import { FitAddon } from '@xterm/addon-fit';
import { WebLinksAddon } from '@xterm/addon-web-links';
import { Terminal } from '@xterm/xterm';
import cssUrl from '@xterm/xterm/css/xterm.css?url';
import type { Size } from '../../runner/protocol/messages.ts';

export interface Screen {
  readonly terminal: Terminal;
  /** Columns and rows to what the panel holds; returns them. */
  fit(): Size;
  dispose(): void;
}

export interface ScreenOptions {
  /** What a screen reader calls it. */
  label: string;
  rows: number;
  /** Takes input; else it is for reading only and Tab passes by. */
  interactive: boolean;
}

let style: Promise<void> | undefined;

export async function openScreen(holder: HTMLElement, options: ScreenOptions): Promise<Screen> {
  style ??= loadStyle();
  // Columns are measured in the font that will be drawn.
  await Promise.all([style, document.fonts.load(`13px ${css('--mono', 'monospace')}`)]);
  const terminal = new Terminal({
    rows: options.rows,
    cursorBlink: options.interactive && !matchMedia('(prefers-reduced-motion: reduce)').matches,
    cursorInactiveStyle: 'none',
    disableStdin: !options.interactive,
    fontFamily: css('--mono', 'monospace'),
    fontSize: 13,
    lineHeight: 1.25,
    scrollback: 10_000,
    screenReaderMode: false,
    theme: theme(),
    // A step's output may ask for the clipboard or a title: neither is given.
    windowOptions: {},
  });
  const fit = new FitAddon();
  terminal.loadAddon(fit);
  terminal.loadAddon(new WebLinksAddon(openSafely));
  terminal.open(holder);
  name(terminal, options);
  const themed = new MutationObserver(() => {
    terminal.options.theme = theme();
  });
  themed.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
  return {
    terminal,
    fit: () => {
      const columns = Math.max(20, fit.proposeDimensions()?.cols ?? 80);
      if (columns !== terminal.cols) terminal.resize(columns, terminal.rows);
      return { columns: terminal.cols, rows: terminal.rows };
    },
    dispose: () => {
      themed.disconnect();
      terminal.dispose();
    },
  };
}

/** Nothing is drawn any more: no cursor, no keys, and no more rows than are in use. Returns those. */
export function settle(terminal: Terminal): number {
  const buffer = terminal.buffer.active;
  const last = buffer.baseY + buffer.cursorY;
  const empty = buffer.getLine(last)?.translateToString(true) === '';
  const used = last + (empty ? 0 : 1);
  terminal.options.disableStdin = true;
  // From the empty line after the last one, so that cutting the screen takes that line and not the first.
  terminal.write(`\x1b[?25l${empty && used > 0 ? '\x1b[A' : ''}`, () => {
    terminal.resize(terminal.cols, Math.min(terminal.rows, Math.max(1, used)));
  });
  return used;
}

function name({ textarea, element }: Terminal, { label, interactive }: ScreenOptions): void {
  if (!textarea) return;
  textarea.setAttribute('aria-label', label);
  if (interactive) return;
  textarea.tabIndex = -1;
  textarea.readOnly = true;
  // Read with the arrow keys, copied with the mouse; typed into, no.
  const viewport = element?.querySelector<HTMLElement>('.xterm-viewport');
  viewport?.setAttribute('tabindex', '-1');
}

/** A link that a step printed: opened apart from us, and only if it is one. */
function openSafely(_event: MouseEvent, address: string): void {
  if (/^https?:\/\//i.test(address)) open(address, '_blank', 'noopener,noreferrer');
}

function loadStyle(): Promise<void> {
  const link = document.createElement('link');
  link.rel = 'stylesheet';
  link.href = cssUrl;
  document.head.append(link);
  return new Promise(done => {
    link.onload = () => done();
    link.onerror = () => done();
  });
}

const css = (name: string, otherwise: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim() || otherwise;

const dark = (): boolean => document.documentElement.dataset.theme !== 'light';

/** Paper and ink of the page, and sixteen colours that are readable on either paper. */
function theme() {
  const ground = {
    background: css('--sunk', '#111'),
    foreground: css('--ink', '#ddd'),
    cursor: css('--accent', '#888'),
  };
  const selectionBackground = dark() ? '#2f5560' : '#bcd9de';
  return { ...ground, selectionBackground, ...(dark() ? DARK : LIGHT) };
}

const DARK = {
  ...{
    black: '#1a2225',
    red: '#ff97a6',
    green: '#7fcf97',
    yellow: '#e8b95a',
    blue: '#8ab8f0',
    magenta: '#d3a6e8',
  },
  ...{
    cyan: '#82c8d3',
    white: '#d3d9d6',
    brightBlack: '#8d999b',
    brightRed: '#ffb3be',
    brightGreen: '#a3e0b5',
  },
  ...{ brightYellow: '#f3d08a', brightBlue: '#b0d0f7', brightMagenta: '#e4c5f2', brightCyan: '#b3e1e8' },
  brightWhite: '#f2f4f1',
};
const LIGHT = {
  ...{
    black: '#20292c',
    red: '#a3122f',
    green: '#1d6b3a',
    yellow: '#7d5200',
    blue: '#1f4fa0',
    magenta: '#7a2f8f',
  },
  ...{
    cyan: '#0b5a67',
    white: '#626e71',
    brightBlack: '#626e71',
    brightRed: '#c01a3a',
    brightGreen: '#24804a',
  },
  ...{ brightYellow: '#8f5e00', brightBlue: '#2a62c0', brightMagenta: '#9440aa', brightCyan: '#0f7182' },
  brightWhite: '#20292c',
};
