/** Whether a finished build is what was built, and what is pinned: it may have been changed together with its list. */
import { join } from 'node:path';
import { KfsError } from '../runner/errors.ts';
import type { Component } from './component.ts';
import { buildFolder } from './inputs.ts';
import { inMirror, unlikePinned } from './pinned.ts';
import { changedFiles, readSums } from './sums.ts';

export interface Verdict {
  component: string;
  /** Files that are not what the build's own list says. */
  wrong: string[];
  /** Files that are listed with another digest than the pinned one, or have none, by path in the mirror. */
  unpinned: string[];
}

/** Of a component that is built. What comes from Debian is not pinned. */
export async function verifyBuild(component: Component, pins?: string): Promise<Verdict> {
  const folder = buildFolder(component);
  const listed = inMirror(component, await readSums(join(folder, 'SHA256SUMS')));
  return {
    component: component.name,
    wrong: await changedFiles(folder),
    unpinned: component.go ? await unlikePinned(listed, pins) : [],
  };
}

/** Throws `software-invalid` for the first build that is not right. */
export function assertRight(verdicts: Verdict[]): void {
  for (const { component, wrong, unpinned } of verdicts) {
    if (wrong.length > 0) {
      throw new KfsError('software-invalid', `${component}: ${wrong.join(', ')} changed after it was built`, {
        next: `kfs software build ${component} builds it again`,
      });
    }
    if (unpinned.length > 0) {
      throw new KfsError('software-invalid', `${component}: ${unpinned.join(', ')} is not what is pinned`, {
        next: `do not use it; kfs software build ${component} says both digests`,
      });
    }
  }
}
