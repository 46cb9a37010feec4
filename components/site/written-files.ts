/** "Files": every file that a step writes, read from the steps themselves, so that no list of them can be wrong. */
import { readSentFiles } from '../../runner/book/files.ts';
import type { Chapter, Manifest, Step } from '../../runner/book/manifest.ts';

/** Where on the page a step is. */
export interface StepPlace {
  step: string;
  /** `one-machine/etcd/#step-etcd-unit`, below the book's base. */
  href: string;
  chapter: string;
}

export interface FileRow {
  path: string;
  /** `0644 root:root`; several where steps write it differently. */
  rights: string[];
  steps: StepPlace[];
}

export interface WrittenFiles {
  machine: FileRow[];
  workstation: FileRow[];
}

export function writtenFiles({ steps, chapters }: Pick<Manifest, 'steps' | 'chapters'>): WrittenFiles {
  const machine = new Map<string, FileRow>();
  const workstation = new Map<string, FileRow>();
  for (const step of steps) {
    const here = step.on === 'workstation' ? workstation : machine;
    for (const file of step.files) add(here, file, placeOf(step, chapters));
    for (const file of readSentFiles(step.text)) add(machine, file, placeOf(step, chapters));
  }
  return { machine: sorted(machine), workstation: sorted(workstation) };
}

export function placeOf(step: Step, chapters: Chapter[]): StepPlace {
  const chapter = chapters.find(({ slug }) => slug === step.chapter);
  return { step: step.id, href: `${step.chapter}/#step-${step.id}`, chapter: chapter?.title ?? step.chapter };
}

function add(rows: Map<string, FileRow>, file: Rights & { path: string }, place: StepPlace): void {
  const row = rows.get(file.path) ?? { path: file.path, rights: [], steps: [] };
  const rights = rightsOf(file);
  if (!row.rights.includes(rights)) row.rights.push(rights);
  if (!row.steps.some(({ step }) => step === place.step)) row.steps.push(place);
  rows.set(file.path, row);
}

type Rights = { mode: string; owner: string; group: string };

const rightsOf = ({ mode, owner, group }: Rights): string =>
  owner === '' ? mode : `${mode} ${owner}:${group}`;

const sorted = (rows: Map<string, FileRow>): FileRow[] =>
  [...rows.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
