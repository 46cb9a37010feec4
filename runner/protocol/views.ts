/**
 * What the messages carry: the book, the plan and the runs as a page needs them. THIS FILE IS IMPORTED
 * IN BOTH SERVER- AND BROWSER-SIDE CODE: types only.
 */
import type { Step } from '../book/manifest.ts';
import type { Outcome, RunMode } from '../events.ts';

/** A step without its text: the page has that already. */
export interface StepInfo
  extends Pick<
    Step,
    | 'id'
    | 'kind'
    | 'chapter'
    | 'on'
    | 'for'
    | 'either'
    | 'destroys'
    | 'handsMs'
    | 'notRun'
    | 'digest'
    | 'variables'
    | 'needs'
    | 'reboots'
  > {
  heading: { text: string; anchor: string };
  hasCheck: boolean;
}
export interface ChapterInfo {
  slug: string;
  title: string;
  number: string;
  part: string;
  steps: string[];
}
export interface BookInfo {
  digest: string;
  parts: { slug: string; title: string; chapters: string[] }[];
  chapters: ChapterInfo[];
  steps: StepInfo[];
}
export interface MachineInfo {
  name: string;
  address: string;
  roles: string[];
}
/** "Run chapter", "Run to here", "Run what is stale" while it goes on. */
export interface SeriesInfo {
  id: number;
  title: string;
  total: number;
  done: number;
  failed: number;
  state: 'running' | 'stopping' | 'ended';
}
/** A terminal that the reader opened on a machine. It outlives the page, not the server. */
export interface ShellInfo {
  id: number;
  machine: string;
  ended: boolean;
}
/** How far the lab is that is made ready behind the book. */
export type LabPreparation =
  | {
      state: 'working';
      /** In words: "the kernel of the lab's machines". */
      what: string;
      /** 0 to 99, of the whole. */
      percent: number;
      /** What just happens, one line. */
      text: string;
      /** Once it can be told. */
      leftMs?: number;
    }
  /** Said once, then forgotten: a page that comes later has the plan. */
  | { state: 'ready'; text: string }
  /** `impossible`: this host cannot run a lab at all. */
  | { state: 'failed'; message: string; next?: string; impossible: boolean };
/** A run as the journal knows it. */
export interface RunInfo {
  run: string;
  step: string;
  subject: string;
  mode: RunMode;
  /** Who asked: `page`, `cli`. */
  by: string;
  startedAt: number;
  endedAt?: number;
  outcome?: Outcome;
  reason?: string;
  status?: number;
  durationMs?: number;
  bytes?: number;
  sha256?: string;
  /** The last look at its check. */
  check?: { phase: 'before' | 'after' | 'recheck'; holds: boolean; status: number; output: string };
}

/**
 * One change of the plan in the form: a path of keys and indexes, and the new value. null removes the field or
 * the item; a path one past a list's end adds to it.
 */
export interface PlanEdit {
  path: (string | number)[];
  value: PlanValue | null;
}
export type PlanValue = string | number | boolean | PlanValue[] | { [key: string]: PlanValue };
export interface PlanProblem {
  /** Path of the field it is about; empty for the file as a whole. */
  path: (string | number)[];
  line: number;
  column: number;
  message: string;
  next: string;
}
/** What the form needs to know of a field, from the plan's JSON Schema. */
export interface PlanSchema {
  description?: string;
  type?: string;
  enum?: unknown[];
  default?: unknown;
  properties?: Record<string, PlanSchema>;
  required?: string[];
  items?: PlanSchema;
}
export interface PlanView {
  file: string;
  /** False while no file is there: the fields are then a proposal. */
  exists: boolean;
  /** sha256 hex over the file as read; a save names the one it is based on. Empty while there is none. */
  digest: string;
  /** The file's text as it would be after the edits. */
  text: string;
  /** The values in it as written. */
  fields: { [key: string]: PlanValue };
  schema: PlanSchema;
  problems: PlanProblem[];
  /** Finished cells that would become stale. */
  stale: { step: string; subject: string }[];
}
