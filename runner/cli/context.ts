/** What every command shares: where the book, the plan and the state are, and how to print. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { styleText } from 'node:util';
import type { Command } from 'commander';
import { CHECKOUT, type StatePaths, statePaths } from '../state.ts';

export { CHECKOUT };

export interface Globals {
  /** Folder that holds `content/`, or the docs folder itself. */
  book: string;
  paths: StatePaths;
  json: boolean;
}

/** The global options of a command, completed with their defaults. */
export function globals(command: Command): Globals {
  const options = command.optsWithGlobals<{ state?: string; plan?: string; book?: string; json?: boolean }>();
  const paths = statePaths(options.state ?? process.env.KFS_STATE ?? join(CHECKOUT, '.kfs'));
  if (options.plan) paths.plan = resolve(options.plan);
  return { book: resolve(options.book ?? CHECKOUT), paths, json: options.json ?? false };
}

/** `content/docs` of a book folder, or the folder itself for a bare folder of chapters. */
export function docsFolder(book: string): string {
  const inside = join(book, 'content', 'docs');
  return existsSync(inside) ? inside : book;
}

type Style = Parameters<typeof styleText>[0];

/** Colour on a terminal only; NO_COLOR and FORCE_COLOR are respected by `styleText`. */
export const paint = (style: Style, text: string, stream: NodeJS.WriteStream = process.stdout): string =>
  styleText(style, text, { stream });
