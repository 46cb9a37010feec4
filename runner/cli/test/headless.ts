/** The workstation's chapters, run headless from an empty state: once to prove their checks, once more to change nothing. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runBook, sumOf } from './book-run.ts';
import type { Suite } from './suite.ts';

const CHAPTERS = ['before', 'one-machine/prerequisites', 'one-machine/roots-of-trust'];

export const headlessSuite: Suite = {
  name: 'headless',
  about: 'the chapters of the workstation, for real, with --prove and then --twice',
  async run({ signal }) {
    const state = mkdtempSync(join(tmpdir(), 'kfs-headless-'));
    try {
      const first = await runBook(state, [...CHAPTERS, '--prove'], signal);
      const second = await runBook(state, [...CHAPTERS, '--twice'], signal);
      return sumOf(first, second);
    } finally {
      rmSync(state, { recursive: true, force: true });
    }
  },
};
