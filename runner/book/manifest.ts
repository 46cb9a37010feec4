/**
 * The manifest: the book as data. Compiled from MDX by `compile.ts`; the site, the server and the command
 * line all read this and nothing else. Pure types, no Node, so that the browser's protocol can name them.
 */
import type { Place } from '../errors.ts';

export type StepKind = 'step' | 'event' | 'show' | 'gate';

export interface Check {
  /** Script text, final newline included. */
  text: string;
  place: Place;
}

/** A file that a step writes in the one form (`sudo install … /dev/stdin PATH <<EOF`). */
export interface WrittenFile {
  path: string;
  /** Octal, as written: `0644`. */
  mode: string;
  /** Empty, as is `group`: whoever runs the step (on the workstation only). */
  owner: string;
  group: string;
  /** Body before expansion of `$KFS_…` (`expandBody` in `files.ts`), final newline included. */
  body: string;
  place: Place;
}

export interface Step {
  id: string;
  kind: StepKind;
  /** Slug of the chapter, e.g. `one-machine/etcd`. */
  chapter: string;
  /** `workstation`, a role, `first` or `new`. */
  on: string;
  /** With `on: 'workstation'`: once for each machine of this role. */
  for?: string;
  /** Explicit `needs`; steps above it in the chapter are implied and not listed. */
  needs: string[];
  timeoutMs: number;
  settleMs: number;
  reboots: boolean;
  /** What is destroyed, in words. */
  destroys?: string;
  /** Minutes of manual labour, in milliseconds; the step is done by a person or a power driver. */
  handsMs?: number;
  either?: string;
  /** Marked on the page as written but not run by us. */
  notRun?: boolean;
  /** Script text, final newline included. What is shown, copied and executed. */
  text: string;
  check?: Check;
  /** Sorted names `KFS_…` that text or check use. */
  variables: string[];
  files: WrittenFile[];
  /** sha256 hex over kind, on, for, hands/reboots/destroys presence, text and check; not over limits or place. */
  digest: string;
  /** Nearest heading above it, and its anchor on the page. */
  heading: { text: string; anchor: string };
  place: Place;
}

export interface Chapter {
  slug: string;
  title: string;
  description: string;
  part: string;
  /** Number as shown, e.g. `2.3`; empty for unnumbered pages. */
  number: string;
  file: string;
  /** Ids in reading order. */
  steps: string[];
}

export interface Part {
  slug: string;
  title: string;
  chapters: string[];
}

export interface Manifest {
  format: 1;
  parts: Part[];
  chapters: Chapter[];
  /** All steps, in reading order of the book. */
  steps: Step[];
  /** sha256 hex over every step's digest and the order. */
  digest: string;
}
