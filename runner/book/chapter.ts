/** One chapter's source to its steps. Pure: no file is read, nothing is thrown for what an author can write. */
import { createHash } from 'node:crypto';
import { parseDuration } from '../duration.ts';
import { DEFAULT_SETTLE_MS, DEFAULT_TIMEOUT_MS, type ReadFence, readFence } from './attributes.ts';
import { readFiles } from './files.ts';
import type { Finding } from './finding.ts';
import type { Chapter, Check, Step, StepKind } from './manifest.ts';
import { type ParsedChapter, parseChapter } from './parse.ts';
import { checkPairs } from './rules/check-pairs.ts';
import { fenceShape } from './rules/fence-shape.ts';
import { stepPlace } from './rules/step-place.ts';
import { strayFences } from './rules/stray-fences.ts';
import { slugOfFile } from './slug.ts';

/** What the outline says of a chapter; the rest is in its file. */
export interface ChapterInfo {
  slug: string;
  part: string;
  number: string;
  /** As the outline has it; default: the frontmatter's. */
  title?: string;
}

export interface CompiledChapter {
  chapter: Chapter;
  steps: Step[];
  findings: Finding[];
  parsed: ParsedChapter;
}

/** `file` is the path by which the book's places name it, e.g. `content/docs/one-machine/03-etcd.mdx`. */
export function compileChapter(
  source: string,
  file: string,
  info: Partial<ChapterInfo> = {},
): CompiledChapter {
  const slug = info.slug ?? slugOfFile(file.replace(/^.*content\/docs\//, ''));
  const parsed = parseChapter(source, file);
  const read = parsed.fences.flatMap(fence => readFence(fence) ?? []);
  const checks = read.filter(one => one.kind === 'check');
  const steps = read.filter(one => one.kind !== 'check').map(one => toStep(one, slug, checkOf(one, checks)));
  const findings = [
    ...parsed.findings,
    ...read.flatMap(one => one.findings),
    ...read.flatMap(one => [...fenceShape(one), ...stepPlace(one)]),
    ...strayFences(parsed.fences),
    ...checkPairs(read),
  ];
  const title = info.title ?? asText(parsed.front.title);
  const chapter: Chapter = {
    slug,
    title,
    description: asText(parsed.front.description),
    part: info.part ?? slug.split('/').slice(0, -1).join('/'),
    number: info.number ?? '',
    file,
    steps: steps.map(step => step.id),
  };
  return { chapter, steps, findings, parsed };
}

const asText = (value: unknown): string => (typeof value === 'string' ? value : '');

function checkOf(step: ReadFence, checks: readonly ReadFence[]): Check | undefined {
  const found =
    step.kind === 'step' || step.kind === 'event' ? checks.find(check => check.id === step.id) : undefined;
  return found && { text: found.fence.text, place: found.fence.place };
}

function toStep(read: ReadFence, chapter: string, check: Check | undefined): Step {
  const { fence } = read;
  const words = (name: string): string | undefined => {
    const value = read.values.get(name);
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const duration = (name: string): number | undefined => parseDuration(words(name) ?? '') ?? undefined;
  const step: Omit<Step, 'digest'> = {
    id: read.id,
    kind: read.kind as StepKind,
    chapter,
    on: words('on') ?? '',
    ...optional('for', words('for')),
    needs: words('needs')?.trim().split(/\s+/) ?? [],
    timeoutMs: duration('timeout') ?? DEFAULT_TIMEOUT_MS,
    settleMs: duration('settle') ?? DEFAULT_SETTLE_MS,
    reboots: read.values.has('reboots'),
    ...optional('destroys', words('destroys')),
    ...optional('handsMs', duration('hands')),
    ...optional('either', words('either')),
    ...(read.values.has('notrun') ? { notRun: true } : {}),
    text: fence.text,
    ...optional('check', check),
    variables: variablesOf(fence.text + (check?.text ?? '')),
    files: readFiles(fence.text).map(({ line, endLine: _end, sudo: _sudo, quoted: _quoted, ...file }) => ({
      ...file,
      place: { ...fence.place, line: fence.place.line + 1 + line },
    })),
    heading: fence.heading,
    place: fence.place,
  };
  return { ...step, digest: digestOf(step) };
}

const optional = <K extends string, V>(name: K, value: V | undefined): { [P in K]?: V } =>
  (value === undefined ? {} : { [name]: value }) as { [P in K]?: V };

/** Sorted names that a text uses. A name counts wherever it stands: it is cheap to be stale once too often. */
export const variablesOf = (text: string): string[] =>
  [...new Set(text.match(/\bKFS_[A-Z][A-Z0-9_]*\b/g) ?? [])].sort();

/** What makes a step another step: what it does and where, not how long it may take. */
export function digestOf(step: Omit<Step, 'digest'>): string {
  const parts = [
    step.kind,
    step.on,
    step.for ?? '',
    step.handsMs !== undefined,
    step.reboots,
    step.destroys !== undefined,
    step.text,
    step.check?.text ?? '',
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
